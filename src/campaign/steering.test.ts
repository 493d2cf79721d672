import fc from 'fast-check';
import { expect, test } from 'vitest';
import { strategies } from './states.ts';
import { applyWish, bannedSubtrees, noSources, noSteering, noWish, type Wish } from './steering.ts';

const numbers = fc.uniqueArray(fc.integer({ min: 0, max: 9 }), { maxLength: 4 });
const wishes: fc.Arbitrary<Wish> = fc.record({
  ban: fc.record({
    methods: fc.subarray(['full', 'lora'] as const).map((m) => [...m]),
    strategies: fc.subarray([...strategies]),
    nodes: numbers,
  }),
  allow: fc.record({
    methods: fc.subarray(['full', 'lora'] as const).map((m) => [...m]),
    strategies: fc.subarray([...strategies]),
    nodes: numbers,
  }),
  pin: numbers,
  unpin: numbers,
  weights: fc.array(
    fc.record({ strategy: fc.constantFrom(...strategies), weight: fc.constantFrom(0.25, 0.5, 1, 2, 4) }),
    { maxLength: 3 },
  ),
  source: fc.constant(null),
  focus: fc.option(fc.constantFrom('short answers', 'years', 'a', 'b', 'c', 'd', 'e')),
});

test('a wish said twice counts once, and lists stay short', () => {
  fc.assert(
    fc.property(fc.array(wishes, { minLength: 1, maxLength: 12 }), (all) => {
      const after = all.reduce((steering, wish) => applyWish(steering, wish, noSources), noSteering);
      expect(applyWish(after, all.at(-1) as Wish, noSources)).toEqual(after);
      const pinned = after.pinnedNodes ?? [];
      expect(pinned.filter((n) => after.bannedNodes?.includes(n))).toEqual([]);
      expect(after.focus.length).toBeLessThanOrEqual(5);
      expect(Object.values(after.weights ?? {})).not.toContain(1);
    }),
  );
});

test('the last word about a node counts: pinned or banned, never both', () => {
  const pinned = applyWish(noSteering, { ...noWish, pin: [9] }, noSources);
  const banned = applyWish(pinned, { ...noWish, ban: { ...noWish.ban, nodes: [9] } }, noSources);
  expect([banned.pinnedNodes, banned.bannedNodes]).toEqual([[], [9]]);
  const again = applyWish(banned, { ...noWish, pin: [9] }, noSources);
  expect([again.pinnedNodes, again.bannedNodes]).toEqual([[9], []]);
});

test('what older versions stored still takes wishes', () => {
  const old = { bannedMethods: [], bannedStrategies: [], focus: ['years'] };
  const after = applyWish(
    old,
    { ...noWish, weights: [{ strategy: 'refine_data_pipeline', weight: 2 }] },
    { ids: ['date/noisy'], added: [] },
  );
  expect(after).toMatchObject({
    focus: ['years'],
    pinnedNodes: [],
    weights: { refine_data_pipeline: 2 },
    sources: ['date/noisy'],
  });
});

test('the same file added twice is one', () => {
  const file = { name: 'more.jsonl', sha256: 'a'.repeat(64), rows: 10, badRows: 0 };
  const named = { ids: ['attached:aaaaaaaa'], added: [file] };
  const once = applyWish(noSteering, noWish, named);
  expect(applyWish(once, noWish, named)).toEqual(once);
  expect(once.addedData).toEqual([file]);
});

test('a banned node takes with it what grew from it', () => {
  const nodes = [
    { number: 0, parent: null },
    { number: 1, parent: 0 },
    { number: 2, parent: 1 },
    { number: 3, parent: 0 },
    { number: 4, parent: 2 },
  ];
  expect([...bannedSubtrees(nodes, [1])].sort()).toEqual([1, 2, 4]);
  expect([...bannedSubtrees(nodes, [])]).toEqual([]);
});
