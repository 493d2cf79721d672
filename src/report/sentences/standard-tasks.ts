import type { CampaignView } from '../../campaign/view.ts';
import { countText, listText } from '../../lib/text.ts';
import type { StandardChange } from '../../scoring/standard-tasks.ts';
import { valueText } from '../format.ts';
import { md, table } from '../markdown.ts';

const z95 = 1.96;
/** At most this many fit into a line of the thread. */
const maxInLine = 6;

/** `0.610 ± 0.048`: half the width of the 95 % interval. */
const measuredText = ({ value, standardError }: StandardChange['after']): string =>
  standardError === null ? valueText(value) : `${valueText(value)} ± ${valueText(z95 * standardError)}`;

const namesOf = (changes: StandardChange[], verdict: StandardChange['verdict']): string[] =>
  changes.filter((change) => change.verdict === verdict).map(({ task }) => task);

/** How the abilities of the base model changed: `arc_easy is worse than before by more than noise.` */
export function standardVerdict(changes: StandardChange[]): string {
  const [worse, better] = [namesOf(changes, 'worse'), namesOf(changes, 'better')];
  const one = (names: string[], word: string): string[] => {
    if (names.length === 0) return [];
    const shown = names.slice(0, maxInLine);
    const rest = names.length - shown.length;
    const listed = listText(rest > 0 ? [...shown, countText(rest, 'other')] : shown);
    return [`${listed} ${names.length === 1 ? 'is' : 'are'} ${word} than before by more than noise.`];
  };
  const said = [...one(worse, 'worse'), ...one(better, 'better')];
  if (worse.length === 0 && changes.some(({ verdict }) => verdict === 'even'))
    said.push(`${better.length === 0 ? 'None' : 'No other'} differs from before by more than noise.`);
  return said.join(' ');
}

/** The line of the final message; null where none were measured. */
export function standardLine({ final }: CampaignView): string | null {
  const changes = final?.standardTasks ?? [];
  if (changes.length === 0) return null;
  const shown = changes
    .slice(0, maxInLine)
    .map(({ task, after, before }) => `${task} ${measuredText(after)} (${valueText(before.value)} before)`);
  const rest = changes.length - shown.length;
  const listed = rest > 0 ? [...shown, `${rest} more in the report`] : shown;
  return `Standard tasks: ${listed.join(', ')}. ${standardVerdict(changes)}`.trim();
}

const readings = { better: 'better', worse: '**worse**', even: 'within noise', null: 'noise not known' };

/** Rows of the report and of the model card. */
export const standardTable = (changes: StandardChange[]): string =>
  table(
    ['task', 'metric', 'base model', 'this model', 'items', 'difference'],
    changes.map(({ task, metric, before, after, verdict }) => [
      md(task),
      md(metric),
      measuredText(before),
      measuredText(after),
      String(after.items),
      readings[verdict ?? 'null'],
    ]),
    [2, 3, 4],
  );
