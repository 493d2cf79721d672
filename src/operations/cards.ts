import type { OpenCard } from '../campaign/cards.ts';
import type { Change } from './change-campaign.ts';
import { say } from './say.ts';

/** Removes the buttons from a superseded card and shows its outcome. */
export async function closeOpenCard(
  { tx, campaign, at }: Pick<Change, 'tx' | 'campaign' | 'at'>,
  number: number | string,
  closed: string | null,
): Promise<void> {
  const card = campaign.openCard;
  if (card === null) return;
  const payload = closedPayload(card.payload, closed);
  if (payload === null) return;
  await say(tx, campaign, { key: `close:${card.slot}:${number}`, slot: card.slot, payload, at });
}

function closedPayload(payload: OpenCard['payload'], closed: string | null): OpenCard['payload'] | null {
  if (payload.kind === 'question') {
    const text = [
      ...payload.preface,
      payload.question.text,
      ...(closed === null ? [] : [`→ ${closed}`]),
    ].join('\n');
    return { kind: 'text', text };
  }
  if (payload.kind === 'brief' || payload.kind === 'start_request')
    return { ...payload, closed: closed ?? 'Replaced by a newer card below.' };
  return null;
}
