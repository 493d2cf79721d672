import type { ShipmentView } from '../../campaign/shipment.ts';
import { percentText } from '../../lib/text.ts';
import { bytesText, intervalText, oneLine } from '../format.ts';

/** The lines of a shipment's card. */
export interface ShipmentText {
  title: string;
  lines: string[];
  /** Replaces the buttons; null while it waits for a person. */
  standing: string | null;
}

const whoSees = {
  private: 'private: only people of that account see it',
  public: '*public*: everybody on the internet can see and copy it',
  machine: "a folder on the bot's machine; whoever reads that disk can read it",
} as const;

export function shipmentText(shipment: ShipmentView): ShipmentText {
  const { round, isWinner, score, terms, weights, state } = shipment;
  const name = `${isWinner ? 'the winner, ' : ''}#${round}`;
  const measured =
    score === null
      ? 'Measured: nothing.'
      : score.split === 'test'
        ? `Measured: ${intervalText(score.score)} on the test rows.`
        : `Measured: ${intervalText(score.score)} on search, where it was chosen. *The test rows were not opened for it*; the model card says so.`;
  return {
    title: state === 'requested' ? `Ship ${name}?` : `Shipping ${name}`,
    lines: [
      `To: ${oneLine(terms.place)}`,
      `Who sees it: ${whoSees[terms.visibility]}`,
      `What: ${oneLine(weights.file)} (${bytesText(weights.bytes)}, sha256 ${weights.sha256.slice(0, 16)}), what loads it, model card, report with its pictures, run spec; no data rows`,
      measured,
      terms.license === null
        ? 'License: the card will say `unknown`. Nobody has checked what base model and data allow.'
        : `License: the card will say \`${oneLine(terms.license)}\`, as configured. Nobody has checked what base model and data allow.`,
      `Asked for by ${oneLine(shipment.requestedBy)}. A yes counts for exactly these weights and this place.`,
    ],
    standing: standingText(shipment),
  };
}

function standingText({
  state,
  decidedBy,
  decidedAt,
  progress,
  problem,
  url,
  retryAt,
}: ShipmentView): string | null {
  const by = decidedBy === null ? '' : ` by ${oneLine(decidedBy)}`;
  const at = decidedAt === null ? '' : `, ${decidedAt.slice(11, 16)} UTC`;
  const later =
    problem === null || retryAt === null
      ? ''
      : ` · ${oneLine(problem)} I try again at ${retryAt.slice(11, 16)} UTC.`;
  switch (state) {
    case 'requested':
      return null;
    case 'approved':
      return `Approved${by}${at} · begins now`;
    case 'shipping':
      return `Approved${by}${at} · ${progress === null ? 'on its way' : `${percentText(progress)} sent`}${later}`;
    case 'shipped':
      return `Approved${by}${at} · shipped: ${oneLine(url ?? '')}`;
    case 'failed':
      return `Approved${by}${at} · *failed*: ${oneLine(problem ?? 'no reason was recorded')}`;
    case 'declined':
      return `Declined${by}${at} · nothing was sent`;
    case 'withdrawn':
      return `Withdrawn · ${oneLine(problem ?? 'nothing was sent')}`;
  }
}
