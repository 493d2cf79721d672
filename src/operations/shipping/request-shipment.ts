import {
  isSameTerms,
  parcelName,
  type ShipKind,
  type ShipTerms,
  shipKinds,
} from '../../campaign/shipment.ts';
import { BadInputError, ConflictError } from '../../lib/errors.ts';
import { type CampaignRow, getCampaign } from '../../store/campaigns.ts';
import type { DbOrTx } from '../../store/db.ts';
import { listDiscards } from '../../store/discards.ts';
import { listNodes, type NodeRow } from '../../store/nodes.ts';
import { insertShipment, listShipments, moveShipment, type ShipmentRow } from '../../store/shipments.ts';
import { listTrialsOfNode } from '../../store/trials.ts';
import type { Reply } from '../bot.ts';
import { type Change, changeCampaign, earlierAnswer, recordChange } from '../change-campaign.ts';
import type { Context } from '../context.ts';
import { showShipment } from './show-shipment.ts';

interface Input {
  campaignId: string;
  /** Null: the winner. */
  round: number | null;
  /** Null: the only target there is. */
  kind: ShipKind | null;
  user: string;
  /** The message that asks for it: it counts once, and asked again it gets the same answer. */
  source?: string;
}

/** The button on the report. The card says the rest. */
export async function shipFromReport({
  ctx,
  input: { kind, ...input },
}: {
  ctx: Context;
  input: { campaignId: string; kind: string; user: string };
}): Promise<Reply> {
  const known = shipKinds.find((one) => one === kind) ?? null;
  const { text, isAsked } = await request(ctx, { ...input, round: null, kind: known });
  return { private: isAsked ? null : text };
}

/**
 * Asks for approval to ship weights, on a card that names them, the destination and who will see them. @returns the
 * answer
 */
export async function requestShipment({ ctx, input }: { ctx: Context; input: Input }): Promise<string> {
  return (await request(ctx, input)).text;
}

interface Answer {
  text: string;
  /** A card waits for approval now. */
  isAsked: boolean;
}

async function request(ctx: Context, input: Input): Promise<Answer> {
  const { source } = input;
  const target = targetOf(ctx, input.kind);
  const before = await getCampaign(ctx.db, input.campaignId);
  const looked = await findWeights(ctx.db, before, input.round);
  const weightsBytes = checkedBytes(before, looked) ?? (await measure(ctx, looked));
  return changeCampaign(ctx, input.campaignId, async (change) => {
    const { tx, campaign, at } = change;
    const earlier = await earlierAnswer(change, source);
    if (earlier !== null) return { text: earlier, isAsked: true };
    // Again under the lock: from here on they are kept for it.
    const { round, runKey, weightsSha256 } = await findWeights(tx, campaign, input.round);
    if (runKey !== looked.runKey)
      throw new ConflictError(`#${round} has won meanwhile; please ask once more.`);
    const otherRound = round === campaign.final?.winner ? null : round;
    const terms = target.termsOf(parcelName(campaign.brief?.title ?? '', campaign.id, otherRound));
    const known = await answerWithExisting(change, { round, weightsSha256, terms });
    if (known !== null) return { text: known, isAsked: false };
    const id = ctx.newId('s');
    const parcel = { round, runKey, weightsSha256, weightsBytes, terms };
    await insertShipment(tx, {
      ...{ id, campaignId: campaign.id, state: 'requested', ...parcel },
      ...{ requestedBy: input.user, requestedAt: at, dueAt: at },
    });
    const text = `Weights leave only after a yes: see the card about #${round} and ${terms.place}.`;
    await recordChange(
      change,
      'shipment.requested',
      { shipment: id, ...parcel, text, ...(source === undefined ? {} : { source }) },
      input.user,
    );
    await showShipment(tx, campaign, id, at);
    return { text, isAsked: true };
  });
}

/** Size of the winner's weights, which were read at the end and are read again before they leave; null for others. */
function checkedBytes({ final }: CampaignRow, { round }: Weights): number | null {
  return final?.winner === round && final.weights?.check === 'verified' ? final.weights.bytes : null;
}

/**
 * Reads the weights where they are: the card must ask about the weights that the run reported. @returns their size in
 * bytes
 */
async function measure(ctx: Context, { round, runKey, weightsSha256 }: Weights): Promise<number> {
  const facts = await ctx.cluster.inspect(runKey, ctx.engine.weightsFile);
  if (facts === null) {
    throw new BadInputError(
      'weights_missing',
      `The weights of #${round} are not where the run left them, so I cannot ship them.`,
    );
  }
  if (facts.sha256 !== weightsSha256) {
    throw new BadInputError(
      'weights_mismatch',
      `The weights of #${round} are not the ones that the run reported (sha256 ${facts.sha256.slice(0, 12)}, reported ${weightsSha256.slice(0, 12)}), so I do not ship them.`,
    );
  }
  return facts.bytes;
}

function targetOf(ctx: Context, kind: ShipKind | null) {
  const { shipTargets } = ctx;
  const found = shipTargets.filter((target) => kind === null || target.kind === kind);
  const [target] = found;
  if (target === undefined) {
    const how = { hub: 'TREX_SHIP_HUB and HF_TOKEN', folder: 'TREX_SHIP_DIR' };
    const missing = kind === null ? `${how.folder}, or ${how.hub}` : how[kind];
    throw new BadInputError(
      'no_target',
      `There is nowhere to ship to: whoever runs me has to set ${missing}.`,
    );
  }
  if (found.length > 1) {
    throw new BadInputError(
      'which_target',
      `Where to: ${shipKinds.map((one) => `\`ship to ${one}\``).join(' or ')}?`,
    );
  }
  return target;
}

type Weights = Pick<ShipmentRow, 'round' | 'runKey' | 'weightsSha256'>;

/** @throws BadInputError with a sentence, when there are no weights that may go */
async function findWeights(db: DbOrTx, campaign: CampaignRow, wanted: number | null): Promise<Weights> {
  const nodes = await listNodes(db, campaign.id);
  const round = wanted ?? campaign.final?.winner ?? null;
  if (round === null) {
    throw new BadInputError(
      'no_winner',
      `There is no confirmed winner${campaign.state === 'searching' || campaign.state === 'confirming' ? ' yet' : ''}. Name a node to ship it all the same, such as \`ship #${bestOf(nodes)}\`.`,
    );
  }
  const node = nodes.find((one) => one.number === round);
  if (node === undefined) throw new BadInputError('no_round', `There is no node #${round}.`);
  const trial = (await listTrialsOfNode(db, node.id)).find((one) => one.id === node.bestTrialId);
  if (trial?.outcome == null)
    throw new BadInputError('no_score', `#${round} has no score, so there is nothing to ship.`);
  if (trial.spec.training === null)
    throw new BadInputError(
      'untrained',
      `#${round} is the untrained base model; there is nothing of ours to ship.`,
    );
  const { runKey, weightsSha256 } = trial.outcome;
  const gone = new Set(
    (await listDiscards(db, campaign.id)).flatMap((row) => (row.what === 'weights' ? [row.jobKey] : [])),
  );
  if (gone.has(runKey)) {
    throw new BadInputError(
      'weights_gone',
      `The weights of #${round} were removed to free space (TREX_KEEP_WEIGHTS says which stay). \`status\` says whose are kept.`,
    );
  }
  if (weightsSha256 === null)
    throw new BadInputError(
      'no_hash',
      `The run of #${round} reported no hash of its weights, so nobody could tell what is sent.`,
    );
  return { round, runKey, weightsSha256 };
}

const bestOf = (nodes: NodeRow[]): number =>
  nodes
    .filter((node) => node.parentId !== null && node.score !== null)
    .reduce((best, node) => ((node.score?.value ?? 0) > (best?.score?.value ?? -1) ? node : best), nodes[0])
    ?.number ?? 1;

/** The answer where the same was asked for before; null when it was not. Requests with outdated terms are withdrawn. */
async function answerWithExisting(
  change: Change,
  wanted: Pick<ShipmentRow, 'round' | 'weightsSha256'> & { terms: ShipTerms },
): Promise<string | null> {
  const { ctx, tx, campaign, at } = change;
  const name = `#${wanted.round}`;
  for (const row of await listShipments(tx, campaign.id)) {
    if (row.round !== wanted.round || row.terms.kind !== wanted.terms.kind) continue;
    const isSame = isSameTerms(row.terms, wanted.terms) && row.weightsSha256 === wanted.weightsSha256;
    if (!isSame) {
      // Its terms are no longer those of the configuration: it cannot be approved any more.
      const problem = 'the configuration has changed since; it was asked for again';
      if (await moveShipment(tx, row.id, ['requested'], 'withdrawn', { problem, endedAt: at }))
        await showShipment(tx, campaign, row.id, at);
      continue;
    }
    switch (row.state) {
      case 'requested':
        return `${name} waits for a yes already; its card is above.`;
      case 'approved':
      case 'shipping':
        return `${name} is on its way to ${row.terms.place}.`;
      case 'shipped':
        return `${name} is there already: ${row.url}`;
      case 'failed': {
        // The approval still holds: same weights, same place.
        await moveShipment(tx, row.id, ['failed'], 'approved', {
          failures: 0,
          dueAt: at,
          endedAt: null,
          problem: null,
        });
        await recordChange(change, 'shipment.repeated', { shipment: row.id });
        await showShipment(tx, campaign, row.id, at);
        const by = await ctx.chat.userName(row.decidedBy ?? '').catch(() => row.decidedBy);
        return `I try ${name} again, under the yes of ${by}.`;
      }
      default:
        return null;
    }
  }
  return null;
}
