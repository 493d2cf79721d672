import { trainingFactors } from '../../campaign/training-factors.ts';
import { diffRecipes } from '../../recipe/describe.ts';
import { differenceText, pText } from '../../report/format.ts';
import type { ChangedForms } from '../../scoring/changed-forms.ts';
import type { CampaignRow } from '../../store/campaigns.ts';
import { listNodes } from '../../store/nodes.ts';
import { listTrials } from '../../store/trials.ts';
import type { Context } from '../context.ts';
import { compareOnSearch } from '../view/compare-on-search.ts';
import { bestTrialOf } from '../view/load-tree.ts';
import { whereNodesDiffer } from './where-nodes-differ.ts';

/** "Why did 9 beat 4?": any two nodes, in pairs on the same items, with the differences between them. */
export async function explainDifference({
  ctx,
  campaign,
  number,
  against,
}: {
  ctx: Context;
  campaign: CampaignRow;
  number: number;
  against: number;
}): Promise<string> {
  const [nodes, trials] = await Promise.all([
    listNodes(ctx.db, campaign.id),
    listTrials(ctx.db, campaign.id),
  ]);
  const [one, other] = [number, against].map((n) => nodes.find((node) => node.number === n));
  const missing = one === undefined ? number : other === undefined ? against : null;
  if (one === undefined || other === undefined) return `There is no #${missing} here.`;
  const [a, b] = [other, one].map((node) => bestTrialOf({ trials }, node));
  if (a === undefined || b === undefined) {
    return `#${a === undefined ? against : number} has no score, so the two cannot be compared.`;
  }
  const difference = await compareOnSearch(ctx, a.id, b.id);
  if (difference === null) return 'Their results on the search items are missing.';
  const changes = [
    ...(other.recipe === null || one.recipe === null
      ? []
      : diffRecipes(other.recipe, one.recipe).map((d) => d.text)),
    ...trainingFactors(a.spec.training, b.spec.training),
  ];
  const verdict =
    difference.low > 0 ? 'beats' : difference.high < 0 ? 'is worse than' : 'cannot be told from';
  const items = `on the same ${difference.n} items it gets ${difference.wins} right that #${against} missed, and misses ${difference.losses} that #${against} had`;
  const what =
    changes.length === 0
      ? 'They differ only in the untrained start.'
      : `What differs: ${changes.join('; ')}.`;
  return `#${number} ${verdict} #${against}: ${differenceText(difference)}; ${pText(difference.pValue)}; ${items}. ${what}${formsText(await whereNodesDiffer(ctx, campaign, a.id, b.id))}`;
}

function formsText({ gained, lost }: ChangedForms): string {
  const tell = (what: string, found: ChangedForms['gained']): string[] =>
    found === null ? [] : [`${found.items} of the ${found.of} ${what} have the form "${found.form}"`];
  const parts = [...tell('gained', gained), ...tell('lost', lost)];
  return parts.length === 0 ? '' : ` Of the items, ${parts.join(', and ')}.`;
}
