/** What a policy needs to know of a node. `id` is the node's number. */
export interface SearchNode {
  id: number;
  parentId: number | null;
  /** pending: asked but not told yet (planned, waiting or running); it counts as in flight. */
  state: 'pending' | 'scored' | 'failed' | 'withdrawn';
  /** Raw metric on search, already signed so that higher is better; null unless scored. */
  value: number | null;
  /** Waits on a person: the branch is parked and nothing grows below it. */
  parked: boolean;
  /** The Researcher has nothing new to try below this node; unset means that it may have. */
  closed?: boolean;
  /** People want the tree to grow from here first. */
  pinned?: boolean;
}

export interface SearchTree {
  /** In order of creation; the root is first. */
  nodes: SearchNode[];
}

/** Where to grow next, or why not. `root` is the answer to an empty tree: establish the baseline. */
export type Ask =
  | { kind: 'root'; reason: string }
  | { kind: 'expand'; parentId: number; reason: string }
  | { kind: 'wait'; reason: string }
  | { kind: 'exhausted'; reason: string };

export interface PolicySettings {
  kind: 'uct' | 'greedy' | 'sequential';
  /** Exploration constant c of UCT. TREX does not give it; 0.25 with min-max normalised values is AIRA-dojo's. */
  exploration: number;
  /** Most children of one node, whatever became of them. UCT widens up to this as visits grow. */
  maxChildren: number;
  /** Most nodes below the same parent that may be in flight at once; those that wait on a person do not count. */
  maxPendingChildren: number;
  seed: number;
  /** How values become rewards of UCT; unset is `clipped`. */
  rewards?: 'minmax' | 'clipped';
}
