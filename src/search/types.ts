/** A node as a policy sees it. `id` is the node's number. */
export interface SearchNode {
  id: number;
  parentId: number | null;
  /** pending: asked for but not ended (planned, waiting or running); it counts as in flight. */
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

/** The node to grow below next, or why there is none. `root` answers an empty tree: establish the baseline. */
export type Ask =
  | { kind: 'root'; reason: string }
  | { kind: 'expand'; parentId: number; reason: string }
  | { kind: 'wait'; reason: string }
  | { kind: 'exhausted'; reason: string };

export interface PolicySettings {
  kind: 'uct' | 'greedy' | 'sequential';
  /** Exploration constant c of UCT. TREX does not give it; 0.25 with min-max normalised values is AIRA-dojo's. */
  exploration: number;
  /** A node has at most this many children, failed and withdrawn ones included. UCT widens up to it as visits grow. */
  maxChildren: number;
  /** At most this many children of a node are in flight at once; those that wait on a person do not count. */
  maxPendingChildren: number;
  seed: number;
  /** How values become rewards of UCT; unset is `clipped`. */
  rewards?: 'minmax' | 'clipped';
}
