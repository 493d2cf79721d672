import type { DatasetFinding, Finding, Findings, StatedRecipe } from '../../campaign/findings.ts';
import { clip, countText, listText, numberText } from '../../lib/text.ts';
import { bold, sentence, unmarked } from '../format.ts';

/** A finding as a line: the text of its link, the address, and what it says. */
export interface FindingLine {
  title: string;
  url: string;
  text: string;
}

export const findingLines = (findings: Findings): FindingLine[] =>
  [...findings.papers, ...findings.models, ...findings.datasets].map((finding) => ({
    title: unmarked(finding.kind === 'paper' ? finding.title : finding.id),
    url: finding.url,
    text: describe(finding),
  }));

/** `What others did about "dates", "iso": 2 papers, 1 model.` */
export function findingsHead({ words, papers, models, datasets }: Findings): string {
  const counts = [
    [papers.length, 'paper'],
    [models.length, 'model'],
    [datasets.length, 'data set'],
  ] as const;
  const found = counts.flatMap(([count, noun]) => (count === 0 ? [] : [countText(count, noun)]));
  const about = words.length === 0 ? '' : ` about ${listText(words.map((word) => `"${unmarked(word)}"`))}`;
  if (found.length === 0) return `I found nothing${about} that others have published.`;
  return `${bold(`What others have published${about}`)} · ${listText(found)}, every id looked up again. Other people's words, and nothing that I act on by myself.`;
}

/** Services that could not be asked, and findings that did not hold; null when all went well. */
export const findingsProblems = ({ problems }: Findings): string | null =>
  problems.length === 0 ? null : problems.map(sentence).join(' ');

export function findingsText(findings: Findings): string {
  return [
    findingsHead(findings),
    ...findingLines(findings).map(({ title, url, text }) => `• ${title} (${url}): ${text}`),
    findingsProblems(findings),
  ]
    .filter((line) => line !== null)
    .join('\n');
}

function describe(finding: Finding): string {
  if (finding.kind === 'dataset') return datasetText(finding);
  const recipe = recipeText(finding.recipe);
  const parts = [
    finding.hasResult
      ? quoted(finding.quote)
      : `no result stated${recipe === null ? `; ${quoted(finding.quote)}` : ''}`,
    recipe,
    ...(finding.kind === 'model'
      ? [accessText(finding)]
      : [
          finding.publishedAt?.slice(0, 4) ?? null,
          finding.citations === null ? null : countText(finding.citations, 'citation'),
        ]),
  ];
  return parts.filter((part) => part !== null).join(' · ');
}

function recipeText({ baseModels, methods, datasets, settings }: StatedRecipe): string | null {
  const parts = [
    ...methods,
    ...settings,
    ...(baseModels.length === 0 ? [] : [`from ${listText(baseModels)}`]),
    ...(datasets.length === 0 ? [] : [`trained on ${listText(datasets)}`]),
  ];
  return parts.length === 0 ? null : `recipe: ${unmarked(parts.join(', '))}`;
}

function datasetText(data: DatasetFinding): string {
  const parts = [
    data.rows === null ? 'size not shown' : `${numberText(data.rows)} rows`,
    data.splits.length === 0 ? null : listText(data.splits.map(({ name }) => unmarked(name))),
    data.columns.length === 0
      ? null
      : `columns ${listText(data.columns.slice(0, 6).map(({ name }) => unmarked(name)))}`,
    accessText(data),
    data.quote === '' ? null : quoted(data.quote),
  ];
  return parts.filter((part) => part !== null).join(' · ');
}

/** Licence and gating, given even where they are not known: both decide whether it may be used. */
function accessText({ licence, gated }: Pick<DatasetFinding, 'licence' | 'gated'>): string {
  const access = gated === null ? 'access not stated' : gated ? 'gated: access must be asked for' : 'open';
  return `${licence === null ? 'no licence stated' : unmarked(licence)}, ${access}`;
}

/** Verbatim except for addresses, which would become links that nobody chose. */
const quoted = (text: string): string =>
  `"${clip(unmarked(text).replace(/\b(?:https?|ftp):\/\/\S+/gi, '[link]'), 240)}"`;
