import { clipUnits } from '../../lib/text.ts';
import type { ItemResult } from '../../scoring/types.ts';
import type { CampaignRow } from '../../store/campaigns.ts';
import { findSplitResult } from '../../store/trials.ts';
import type { Context } from '../context.ts';
import { loadItems } from './load-rows.ts';

export interface SeenItem {
  prompt: string;
  expected: string;
  prediction: string;
}

const maxItems = 60;
const maxCharacters = 200;

/** Search items as the Researcher may see them: cut, capped, never of select or test. */
export async function loadSearchItems(
  ctx: Context,
  campaign: CampaignRow,
  trialId: number,
): Promise<{ results: ItemResult[]; show(pick: (item: ItemResult) => boolean): SeenItem[] } | undefined> {
  const found = await findSplitResult(ctx.db, trialId, 'search');
  if (found === undefined) return undefined;
  const items = new Map((await loadItems(ctx, campaign, 'search')).map((item) => [item.id, item]));
  const cut = (text: string): string => clipUnits(text, maxCharacters + 1);
  return {
    results: found.items,
    show: (pick) =>
      found.items
        .filter(pick)
        .slice(0, maxItems)
        .flatMap((result) => {
          const item = items.get(result.id);
          if (item === undefined) return [];
          return [
            { prompt: cut(item.prompt), expected: cut(item.completion), prediction: cut(result.prediction) },
          ];
        }),
  };
}
