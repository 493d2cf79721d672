import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createLinkSigner, type LinkScope } from './signed-link.ts';

const secret = 'a secret of thirty-two characters';
const signer = createLinkSigner(secret, 7);
const now = new Date('2026-11-30T12:34:56Z');
const later = (days: number): Date => new Date(now.getTime() + days * 24 * 3600_000);

const scope = fc.oneof(
  fc.constant<LinkScope>('all'),
  fc.stringMatching(/^c-[a-z0-9]{1,8}$/).map((id): LinkScope => `campaign:${id}`),
  fc
    .tuple(fc.stringMatching(/^T\w{1,9}$/), fc.stringMatching(/^C\w{1,9}$/))
    .map(([t, c]): LinkScope => `channel:${t}:${c}`),
);

test('a token opens its own scope until it ends, and no other', () => {
  fc.assert(
    fc.property(scope, scope, fc.double({ min: 0, max: 6.99, noNaN: true }), (own, other, days) => {
      const token = signer.sign(own, now);
      expect(signer.check(token, [own], later(days))).toMatchObject({ state: 'valid', scope: own });
      if (own !== other) expect(signer.check(token, [other], later(days)).state).toBe('invalid');
      expect(signer.check(token, [other, own], later(8)).state).toBe('expired');
    }),
  );
});

test('a token with any character changed is refused', () => {
  const token = signer.sign('campaign:c-1', now);
  fc.assert(
    fc.property(fc.nat(token.length - 1), fc.constantFrom(...'0aZ_-.é'), (at, character) => {
      const changed = token.slice(0, at) + character + token.slice(at + 1);
      // The last character of a signature holds two bits that say nothing.
      fc.pre(changed !== token && at !== token.length - 1);
      expect(signer.check(changed, ['campaign:c-1'], now).state).toBe('invalid');
    }),
  );
});

test('an end that was moved is refused', () => {
  const [, signature] = signer.sign('all', now).split('.');
  const far = Math.floor(later(1000).getTime() / 1000).toString(36);
  expect(signer.check(`${far}.${signature}`, ['all'], now).state).toBe('invalid');
});

test('another secret opens nothing', () => {
  const token = createLinkSigner(`${secret}!`, 7).sign('all', now);
  expect(signer.check(token, ['all'], now).state).toBe('invalid');
});

test('links of one hour are the same', () => {
  expect(signer.sign('all', now)).toBe(signer.sign('all', new Date('2026-11-30T12:59:00Z')));
  expect(signer.sign('all', now)).not.toBe(signer.sign('all', new Date('2026-11-30T13:01:00Z')));
});
