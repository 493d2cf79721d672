import { describe, expect, test } from 'vitest';
import { renderFilter } from './render-filter.ts';

const allowed = 0x7fff0000;
const refused = 0x00050001;

/** Runs the filter on a call as the kernel does: the part of classic BPF that our filter uses. */
function judge(filter: Buffer, call: { arch: number; nr: number; first?: number }): number {
  const data: Record<number, number> = { 0: call.nr, 4: call.arch, 16: call.first ?? 0 };
  let accumulator = 0;
  for (let at = 0; at < filter.length / 8; at++) {
    const [code, value] = [filter.readUInt16LE(at * 8), filter.readUInt32LE(at * 8 + 4)];
    const jump = (isTrue: boolean): void => {
      at += filter.readUInt8(at * 8 + (isTrue ? 2 : 3));
    };
    if (code === 0x20) accumulator = data[value] as number;
    else if (code === 0x15) jump(accumulator === value);
    else if (code === 0x35) jump(accumulator >= value);
    else if (code === 0x06) return value;
    else throw new Error(`unknown instruction ${code}`);
  }
  throw new Error('the filter has no end');
}

describe.each([
  { name: 'x64', arch: 0xc000003e, read: 0, ptrace: 101, unshare: 272, socket: 41 },
  { name: 'arm64', arch: 0xc00000b7, read: 63, ptrace: 117, unshare: 97, socket: 198 },
])('the filter for $name', ({ name, arch, read, ptrace, unshare, socket }) => {
  const filter = renderFilter(name) as Buffer;

  test('lets ordinary calls pass and refuses the listed', () => {
    expect(judge(filter, { arch, nr: read })).toBe(allowed);
    for (const nr of [ptrace, unshare, 425]) expect(judge(filter, { arch, nr })).toBe(refused);
  });

  test('knows sockets by their family', () => {
    for (const first of [1, 2, 10]) expect(judge(filter, { arch, nr: socket, first })).toBe(allowed);
    for (const first of [0, 16, 17, 38, 40]) expect(judge(filter, { arch, nr: socket, first })).toBe(refused);
  });

  test('refuses calls of other conventions', () => {
    expect(judge(filter, { arch: 0x40000003, nr: read })).toBe(refused);
  });
});

test('calls by the numbers of x32 are refused', () => {
  const filter = renderFilter('x64') as Buffer;
  expect(judge(filter, { arch: 0xc000003e, nr: 0x40000000 })).toBe(refused);
});

test('there is none for other processors', () => {
  expect(renderFilter('s390x')).toBeNull();
});
