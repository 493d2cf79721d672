import { mayShape } from '../../campaign/approval-policy.ts';
import type { Brief } from '../../campaign/brief.ts';
import { isFinalCampaign } from '../../campaign/states.ts';
import { applyWish, bannedSubtrees, noSources, type Steering, type Wish } from '../../campaign/steering.ts';
import { steeringText, wishText } from '../../report/sentences/steering.ts';
import { methodsText } from '../../report/sentences/words.ts';
import { listApprovals } from '../../store/approvals.ts';
import { asActive, type CampaignRow, updateCampaign } from '../../store/campaigns.ts';
import { listNodes, type NodeRow } from '../../store/nodes.ts';
import type { IncomingMessage } from '../bot.ts';
import { changeCampaign, earlierAnswer, recordChange } from '../change-campaign.ts';
import type { Context } from '../context.ts';
import { nameOf } from '../people.ts';
import { placesOf } from '../view/load-tree.ts';
import { nameSources } from './name-sources.ts';

/**
 * A person's steering of the search: checked, stored, audited, and confirmed in the thread. It applies from the next
 * selection on; running jobs go on, and an open question stays open. Where approvers are named, only they and the
 * requester may steer.
 */
export async function steerCampaign({
  ctx,
  campaign,
  wish: said,
  files,
  by,
}: {
  ctx: Context;
  campaign: CampaignRow;
  wish: Wish;
  /** Files of the message. */
  files: IncomingMessage['files'];
  /** `words`: what the person wrote, for the audit. */
  by: { user: string; source: string; words: string };
}): Promise<string> {
  if (!mayShape(ctx.settings, campaign.createdBy, by.user)) {
    return `You may not steer this search. ${await namesOfSteerers(ctx, campaign)} can.`;
  }
  const named =
    said.source === null ? noSources : await nameSources({ ctx, campaign, words: said.source, files });
  if ('problem' in named) return named.problem;
  return changeCampaign(ctx, campaign.id, async (change) => {
    const { tx, campaign: now } = change;
    const earlier = await earlierAnswer(change, by.source);
    if (earlier !== null) return earlier;
    if (isFinalCampaign(now.state)) return `This campaign is ${now.state}; there is nothing to steer.`;
    const { brief } = asActive(now);
    const wish = withinScope(said, brief);
    const steering = applyWish(now.steering, wish, named);
    const problem = problemWith(wish, steering, brief, await listNodes(tx, now.id));
    if (problem !== null) return `${problem} I have changed nothing.`;
    await updateCampaign(tx, now.id, { steering });
    const waiting = (await listApprovals(tx, now.id)).some((a) => a.state === 'pending');
    const when =
      now.state === 'confirming'
        ? 'The search is over; this counts if it goes on.'
        : `From the next node on.${waiting ? ' What waits for a yes or no still waits.' : ''}`;
    const text = `Understood: ${wishText(wish, named).join('; ')}. ${when}`;
    await recordChange(
      change,
      'campaign.steered',
      {
        wish,
        before: now.steering,
        after: steering,
        source: by.source,
        words: by.words.slice(0, 2000),
        text,
      },
      by.user,
    );
    return text;
  });
}

/** `full only` rules out methods that this campaign may use; methods that it may not use anyway are not mentioned. */
function withinScope(wish: Wish, { scope }: Brief): Wish {
  const methods = wish.ban.methods.filter((method) => scope.methods.includes(method));
  return methods.length === 0 ? wish : { ...wish, ban: { ...wish.ban, methods } };
}

/** The requester and the approvers: `Ana or Ben`. */
async function namesOfSteerers(ctx: Context, { createdBy }: CampaignRow): Promise<string> {
  const ids = [...new Set([createdBy, ...ctx.settings.approvers])];
  return (await Promise.all(ids.map((id) => nameOf(ctx, id)))).join(' or ');
}

export const tellSteering = (campaign: Pick<CampaignRow, 'steering'>): string =>
  steeringText(campaign.steering);

/** The reason why steering is refused, as a sentence; null when it is possible. */
function problemWith(wish: Wish, steering: Steering, brief: Brief, nodes: NodeRow[]): string | null {
  const last = Math.max(...nodes.map(({ number }) => number), 0);
  const named = [...wish.pin, ...wish.unpin, ...wish.ban.nodes, ...wish.allow.nodes];
  const unknown = named.find((number) => nodes.every((n) => n.number !== number));
  if (unknown !== undefined) return `There is no #${unknown} here; the last one is #${last}.`;
  const barren = nodes.find(
    ({ number, state }) => wish.pin.includes(number) && (state === 'failed' || state === 'withdrawn'),
  );
  if (barren !== undefined)
    return `#${barren.number} has ${barren.state === 'failed' ? 'failed' : 'never run'}, so nothing can grow from it.`;
  const strange = wish.allow.methods.filter((m) => !brief.scope.methods.includes(m));
  if (strange.length > 0 && strange.length === wish.allow.methods.length)
    return `This campaign was agreed with ${methodsText(brief.scope.methods)} alone, and that does not change while it runs; for ${methodsText(strange)}, ask for another.`;
  if (brief.scope.methods.every((m) => steering.bannedMethods.includes(m)))
    return 'That would leave no training method at all.';
  const kinds = ['refine_data_pipeline', 'construct_synthetic_data', 'adjust_training_scheme'] as const;
  if (kinds.every((kind) => steering.bannedStrategies.includes(kind)))
    return 'That would leave no kind of node at all.';
  const banned = bannedSubtrees(placesOf({ nodes }), steering.bannedNodes ?? []);
  const isOpen = ({ number, state }: NodeRow): boolean =>
    state !== 'failed' && state !== 'withdrawn' && !banned.has(number);
  if (wish.ban.nodes.length > 0 && !nodes.some(isOpen))
    return 'That would leave nothing to grow from; to end the search, write `stop`.';
  return null;
}
