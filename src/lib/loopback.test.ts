import { expect, test } from 'vitest';
import { isLoopback } from './loopback.ts';

test.each([
  '127.0.0.1',
  '127.3.2.1',
  '::1',
  '[::1]',
  'localhost',
  'LOCALHOST',
  'trex.localhost',
  '::ffff:127.0.0.1',
])('%s is this machine', (host) => expect(isLoopback(host)).toBe(true));

test.each([
  '0.0.0.0',
  '::',
  '10.0.0.1',
  '127.evil.example',
  'localhost.evil.example',
  'notlocalhost',
  '1.127.0.0',
  '',
])('%s is not, or not only', (host) => expect(isLoopback(host)).toBe(false));
