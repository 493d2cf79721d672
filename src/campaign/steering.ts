import type { DatasetRef, TrainingMethod } from './brief.ts';
import type { Strategy } from './states.ts';

/** Steering by the people in the thread; effective at the next selection. */
export interface Steering {
  bannedMethods: TrainingMethod[];
  bannedStrategies: Strategy[];
  /** Free words to prefer, from "focus on …". */
  focus: string[];
  /** Nodes to grow from first. This and the following fields are unset in campaigns that older versions stored. */
  pinnedNodes?: number[];
  /** Nothing new grows from these nodes, nor from their descendants. */
  bannedNodes?: number[];
  /** Weight of a strategy: 2 is twice as much as usual, 0.5 half; unset is 1. */
  weights?: Partial<Record<Strategy, number>>;
  /** Ids of data sources that nodes should use. */
  sources?: string[];
  /** Files of rows that people added in the thread while it ran. */
  addedData?: DatasetRef[];
}

export const noSteering: Steering = { bannedMethods: [], bannedStrategies: [], focus: [] };

/** A change that a person asks of the search. With all fields empty it changes nothing. */
export interface Wish {
  ban: { methods: TrainingMethod[]; strategies: Strategy[]; nodes: number[] };
  /** No longer banned. */
  allow: { methods: TrainingMethod[]; strategies: Strategy[]; nodes: number[] };
  pin: number[];
  unpin: number[];
  /** `weight` 1 is as usual again. */
  weights: { strategy: Strategy; weight: number }[];
  /** A data source as the person named it; `this` is the file with the message. */
  source: string | null;
  focus: string | null;
}

export const noWish: Wish = {
  ban: { methods: [], strategies: [], nodes: [] },
  allow: { methods: [], strategies: [], nodes: [] },
  pin: [],
  unpin: [],
  weights: [],
  source: null,
  focus: null,
};

const most = 5;

/** The resolution of `wish.source`: ids of sources, and files that are new. */
export interface NamedSources {
  ids: string[];
  added: DatasetRef[];
}

export const noSources: NamedSources = { ids: [], added: [] };

/** The steering after this change. */
export function applyWish(before: Steering, wish: Wish, named: NamedSources): Steering {
  const { ban, allow, unpin } = wish;
  const pin = wish.pin.filter((number) => !ban.nodes.includes(number));
  const weights = new Map(Object.entries(before.weights ?? {}));
  for (const { strategy, weight } of wish.weights) weights.set(strategy, weight);
  return {
    bannedMethods: merge(before.bannedMethods, ban.methods, allow.methods),
    bannedStrategies: merge(before.bannedStrategies, ban.strategies, allow.strategies),
    focus: merge(before.focus, wish.focus === null ? [] : [wish.focus], []).slice(-most),
    // The newest request wins: a pinned node is not banned, and the other way round.
    pinnedNodes: merge(before.pinnedNodes ?? [], pin, [...unpin, ...ban.nodes]),
    bannedNodes: merge(before.bannedNodes ?? [], ban.nodes, [...allow.nodes, ...pin]),
    weights: Object.fromEntries([...weights].filter(([, weight]) => weight !== 1)),
    sources: merge(before.sources ?? [], named.ids, []).slice(-most),
    addedData: addFiles(before.addedData ?? [], named.added),
  };
}

const addFiles = (old: readonly DatasetRef[], added: readonly DatasetRef[]): DatasetRef[] => [
  ...old,
  ...added.filter((file) => old.every(({ sha256 }) => sha256 !== file.sha256)),
];

/** Added entries win over removed ones. */
const merge = <T>(old: readonly T[], add: readonly T[], remove: readonly T[]): T[] => [
  ...new Set([...old.filter((x) => !remove.includes(x) || add.includes(x)), ...add]),
];

/** The banned nodes with all their descendants. `nodes` in order of creation. */
export function bannedSubtrees(
  nodes: readonly { number: number; parent: number | null }[],
  banned: readonly number[],
): Set<number> {
  const all = new Set(banned);
  for (const { number, parent } of nodes) if (parent !== null && all.has(parent)) all.add(number);
  return all;
}
