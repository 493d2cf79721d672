import type { Brief, BriefField, BriefReading } from './brief.ts';
import type { Findings } from './findings.ts';
import type { ShipKind, ShipmentView } from './shipment.ts';
import type { StartRequest } from './start-request.ts';
import type { ApprovalView, CampaignView, NodeView } from './view.ts';
import type { Worth } from './worth.ts';

/**
 * A question of intake, with buttons. `value` is the answer of a click; `text` of a button is at most 75 characters.
 */
export interface Question {
  field: BriefField;
  text: string;
  options: { label: string; value: string }[];
  /** Value taken when the person says "default" or "you choose". */
  default: string | null;
}

/** A button under a question; `value` comes back with the click. */
export interface Choice {
  label: string;
  value: string;
  style?: 'primary' | 'danger';
}

/** A campaign in a list from which it can be stopped. */
export interface RunningCampaign {
  campaignId: string;
  line: string;
  /** False once it has ended: there is no button any more. */
  isActive: boolean;
}

export interface SummaryCampaign {
  campaignId: string;
  title: string;
  state: string;
  done: number;
  failed: number;
  withdrawn: number;
  /** Formatted score with interval, against yesterday and baseline; arithmetic, not prose. */
  best: {
    value: number;
    low: number;
    high: number;
    sinceYesterday: number | null;
    overBaseline: number | null;
  } | null;
  spentText: string;
  waiting: string[];
}

/** A message of the bot, as data. */
export type Content =
  /** `page` is the campaign's: nodes that the text names (`#8`) link to it. */
  | { kind: 'text'; text: string; page?: string }
  /** Same as text; marks a failure, so that surfaces may show it so. */
  | { kind: 'problem'; text: string }
  | { kind: 'question'; campaignId: string; question: Question; preface: string[] }
  | {
      kind: 'brief';
      campaignId: string;
      brief: Brief;
      splits: { train: number; search: number; select: number; test: number };
      notes: string[];
      /** The training that the budget buys; unset in cards of older versions, and where nothing can be trained. */
      worth?: Worth;
      /** How the request was read; unset in cards of older versions. */
      read?: BriefReading;
      /** Who pressed which button, once decided; then there are no buttons. */
      closed: string | null;
    }
  | ({ kind: 'start_request' } & StartRequest)
  | { kind: 'progress'; view: CampaignView /** PNG bytes of the tree. */; picture: Uint8Array | null }
  | { kind: 'approval'; campaignId: string; node: NodeView; approval: ApprovalView; metric: string }
  | { kind: 'insight'; campaignId: string; text: string }
  | { kind: 'findings'; campaignId: string; findings: Findings }
  | { kind: 'failure'; campaignId: string; node: NodeView; next: string }
  /** A run that has waited long on the cluster. */
  | {
      kind: 'waiting';
      campaignId: string;
      node: number;
      text: string;
      canWithdraw: boolean;
      /** The end of the wait; then there is no button. */
      closed: string | null;
    }
  /** `curves`: its training losses, as PNG bytes or an address; null where it has none, or they cannot be shown. */
  | { kind: 'node'; view: CampaignView; number: number; curves: Uint8Array | string | null }
  | {
      kind: 'report';
      view: CampaignView /** Text body in markdown-like lines. */;
      lines: string[];
      /** Files to download from the page. */
      files: { name: string; url: string }[];
      /** Ways to continue, with the label of the button: an amount on top of the budget, or none. */
      continues: { label: string; value: string }[];
      /** Number of the end that it reports. */
      end: number;
      /** Targets that it can be shipped to, with the label of the button. */
      ships: { kind: ShipKind; label: string }[];
    }
  /** The files of an end, attached, or why they are not. */
  | { kind: 'files'; campaignId: string; text: string }
  | { kind: 'shipment'; campaignId: string; shipment: ShipmentView }
  | {
      kind: 'budget_reached';
      campaignId: string;
      /** Its buttons answer this question and no other. */
      questionId: string;
      text: string;
      /** Why the campaign does not advance while it is open; unset in questions of older versions. */
      held?: string;
      raises: { label: string; value: string }[];
      /** Who approved which raise while one more approval is missing; unset while nobody did. */
      note?: string;
      closed: string | null;
    }
  | {
      kind: 'confirmation';
      campaignId: string;
      confirmationId: string;
      /** The pending command, as a question. */
      text: string;
      choices: Choice[];
      closed: string | null;
    }
  /**
   * Active campaigns, each with a Stop button. `list` names the list in its buttons; empty where it cannot be edited.
   */
  | { kind: 'running'; list: string; campaigns: RunningCampaign[] }
  | { kind: 'summary'; channel: string; dateText: string; campaigns: SummaryCampaign[]; totals: string };
