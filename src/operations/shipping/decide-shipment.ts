import { refusalOf } from '../../campaign/approval-policy.ts';
import { isSameTerms, type ShipmentState } from '../../campaign/shipment.ts';
import { getShipment, moveShipment, type ShipmentRow } from '../../store/shipments.ts';
import type { Reply } from '../bot.ts';
import { type Change, changeCampaign, recordChange } from '../change-campaign.ts';
import type { Context } from '../context.ts';
import { nameOf, refusalText } from '../people.ts';
import { showShipment } from './show-shipment.ts';

interface Input {
  shipmentId: string;
  decision: 'approve' | 'decline';
  user: string;
}

type Outcome =
  | { kind: 'decided' }
  | { kind: 'changed' }
  | { kind: 'too_late'; state: ShipmentState; by: string | null };

/**
 * Decides about a shipment, by the same rules as for money. An approval counts for the hash and the place on the card
 * and for nothing else: of two clicks one wins, and a target that was configured differently since is not used.
 */
export async function decideShipment({ ctx, input }: { ctx: Context; input: Input }): Promise<Reply> {
  const { shipmentId, decision, user } = input;
  const { campaignId, requestedBy } = await getShipment(ctx.db, shipmentId);
  const word = { user, decision: decision === 'approve' ? ('approve' as const) : ('reject' as const) };
  const refusal = refusalOf(ctx.settings, word, [requestedBy]);
  if (refusal !== null) {
    return {
      private: await refusalText(ctx, { refusal, askedBy: [requestedBy], about: 'weights that leave' }),
    };
  }
  const outcome = await changeCampaign(ctx, campaignId, (change) => decide(change, input));
  switch (outcome.kind) {
    case 'decided':
      return { private: null };
    case 'changed':
      return {
        private:
          'The configuration has changed since this was asked, so a yes to it would be one to something else. Ask once more: `ship it`.',
      };
    case 'too_late': {
      const { by, state } = outcome;
      if (by === null) return { private: `This was ${state}; nothing changes.` };
      const name = by === user ? 'You have' : `${await nameOf(ctx, by)} has`;
      return { private: `${name} already decided: ${state}.` };
    }
  }
}

async function decide(change: Change, { shipmentId, decision, user }: Input): Promise<Outcome> {
  const { ctx, tx, campaign, at } = change;
  const row = await getShipment(tx, shipmentId);
  if (row.state !== 'requested') return { kind: 'too_late', state: row.state, by: row.decidedBy };
  const isBound = decision === 'decline' || matchesCurrentTarget(ctx, row);
  const to = !isBound ? 'withdrawn' : decision === 'approve' ? 'approved' : 'declined';
  await moveShipment(tx, row.id, ['requested'], to, {
    ...(isBound
      ? { decidedBy: user, decidedAt: at, dueAt: at }
      : { problem: 'the configuration has changed since it was asked' }),
    ...(to === 'approved' ? {} : { endedAt: at }),
  });
  const { round, runKey, weightsSha256, terms } = row;
  const data = { shipment: row.id, round, runKey, weightsSha256, terms };
  await recordChange(change, `shipment.${to}`, data, user);
  await showShipment(tx, campaign, row.id, at);
  return { kind: isBound ? 'decided' : 'changed' };
}

/** True while the configured target would send it to the place, and with the visibility, that the card names. */
export function matchesCurrentTarget(ctx: Context, { terms }: Pick<ShipmentRow, 'terms'>): boolean {
  const name = terms.place.split('/').at(-1) ?? '';
  return ctx.shipTargets.some(
    (target) => target.kind === terms.kind && isSameTerms(target.termsOf(name), terms),
  );
}
