import { possibleApprovers, type Refusal } from '../campaign/approval-policy.ts';
import type { ApprovalKind } from '../campaign/states.ts';
import type { Context } from './context.ts';

/** As the chat shows a person; the id where it does not answer. */
export const nameOf = ({ chat }: Pick<Context, 'chat'>, id: string): Promise<string> =>
  chat.userName(id).catch(() => id);

/** Names to use inside of a transaction, which must not wait for the chat; an id that was not asked for stays one. */
export async function lookUpNames(ctx: Context, ids: Iterable<string>): Promise<(id: string) => string> {
  const names = new Map<string, string>();
  for (const id of new Set(ids)) names.set(id, await nameOf(ctx, id));
  return (id) => names.get(id) ?? id;
}

/** `Ana or Ben`; `Ana, Ben or Cy` */
export async function eitherOf(ctx: Context, ids: readonly string[]): Promise<string> {
  const names = await Promise.all(ids.map((id) => nameOf(ctx, id)));
  return [names.slice(0, -1).join(', '), ...names.slice(-1)].filter((part) => part !== '').join(' or ');
}

export const namesOfApprovers = (ctx: Context): Promise<string> => eitherOf(ctx, ctx.settings.approvers);

/**
 * The refusal for somebody who is neither the requester nor an approver. `what` they may not do: `change this brief`
 */
export async function notYoursText(ctx: Context, requester: string, what: string): Promise<string> {
  const people = await eitherOf(ctx, [...new Set([requester, ...ctx.settings.approvers])]);
  return `You may not ${what}: it is a request of ${await nameOf(ctx, requester)}. ${people} can. Nothing was changed.`;
}

/** Why a person may not decide, and who may. `about`: the subject of the decision. */
export async function refusalText(
  ctx: Context,
  {
    refusal,
    askedBy,
    about,
  }: { refusal: Refusal; askedBy: readonly string[]; about: ApprovalKind | 'weights that leave' },
): Promise<string> {
  if (refusal === 'not_an_approver')
    return `You may not decide about ${about} here. ${await namesOfApprovers(ctx)} can.`;
  const others = possibleApprovers(ctx.settings, askedBy);
  const who =
    others === null
      ? 'Anybody else here can.'
      : others.length > 0
        ? `${await eitherOf(ctx, others)} can.`
        : 'Nobody else is among those who may; TREX_APPROVERS names them.';
  return `You asked for this ${about === 'weights that leave' ? '' : 'work '}yourself, and here somebody else has to approve it. ${who}`;
}
