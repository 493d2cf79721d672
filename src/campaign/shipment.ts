import type { Score } from '../scoring/types.ts';

/** `requested` waits for an approval, `approved` for its turn; a begun shipment is `shipping` until it has arrived. */
export const shipmentStates = [
  'requested',
  'approved',
  'shipping',
  'shipped',
  'failed',
  'declined',
  'withdrawn',
] as const;
export type ShipmentState = (typeof shipmentStates)[number];

/** A folder of the bot's machine, or the Hugging Face Hub. */
export const shipKinds = ['hub', 'folder'] as const;
export type ShipKind = (typeof shipKinds)[number];

/** It waits for an approval or is being uploaded: its weights must stay. */
export const openShipmentStates = ['requested', 'approved', 'shipping'] as const satisfies ShipmentState[];

/** The terms that an approval of a shipment binds, besides the hash of the weights. */
export interface ShipTerms {
  kind: ShipKind;
  /** Its target, for people and for comparing: `huggingface.co/acme/dates-to-iso-c-7f3a21`, or an absolute path. */
  place: string;
  /** Who can read it there. */
  visibility: 'private' | 'public' | 'machine';
  /** As the model card will state it; null: not known. */
  license: string | null;
}

/**
 * Folder or repository of a node's weights: task, campaign, and the node where it is not the winner. Letters, digits
 * and `-` only, which every target accepts.
 */
export function parcelName(title: string, campaignId: string, otherRound: number | null): string {
  const words = title
    .toLowerCase()
    .normalize('NFKD')
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 50)
    .replace(/^-+|-+$/g, '');
  return [
    words === '' ? 'model' : words,
    campaignId,
    ...(otherRound === null ? [] : [`r${otherRound}`]),
  ].join('-');
}

/** True when an approval of the one is an approval of the other. */
export const isSameTerms = (a: ShipTerms, b: ShipTerms): boolean =>
  a.kind === b.kind && a.place === b.place && a.visibility === b.visibility && a.license === b.license;

/** A shipment as its card shows it. */
export interface ShipmentView {
  id: string;
  state: ShipmentState;
  round: number;
  isWinner: boolean;
  /** Score of the node; `split` names its rows. Null: none. */
  score: { split: 'test' | 'search'; score: Score } | null;
  terms: ShipTerms;
  weights: { file: string; bytes: number; sha256: string };
  requestedBy: string;
  /** Name of the person who decided. */
  decidedBy: string | null;
  /** ISO 8601, as for the next. */
  decidedAt: string | null;
  /** Time of the next attempt after `problem`; null when there is none. */
  retryAt: string | null;
  progress: number | null;
  url: string | null;
  problem: string | null;
}
