import { createRng } from '../../lib/rng.ts';
import type { Pause } from '../pause.ts';
import { shapeOf } from '../shapes.ts';
import { normaliseText } from '../text.ts';
import type { Row } from '../types.ts';
import {
  type CopiedSpan,
  copiedSpans,
  formOf,
  mayCoincide,
  replaceTokens,
  type Token,
  tokensOf,
} from './copied-spans.ts';

interface Template {
  row: Row;
  promptTokens: Token[];
  completionTokens: Token[];
  completionShape: string;
  form: string;
  spans: CopiedSpan[];
}

/** Rows of one form needed before their spans count as a pattern. */
const enoughOfForm = 5;
/** A span that a smaller share of its form copies from the same place is chance. Wrong rows lower it, so it is not higher. */
const copiedShare = 0.5;
const triesPerRow = 8;
const rowsBetweenPauses = 2000;

/**
 * Adds at most `count` rows: a span that a completion copies from its prompt is exchanged in both for a span at the same
 * place in another row whose completion has the same shape, so a number keeps its length and a word its case. The added
 * rows have prompts that no other row has. Fewer are added when the data allows no more.
 */
export async function synthSwapSpans(
  rows: readonly Row[],
  count: number,
  seed: number,
  pause: Pause,
): Promise<Row[]> {
  const templates = await findTemplates(rows, pause);
  const donors = new Map<string, string[]>();
  const placeOf = (template: Template, span: CopiedSpan): string =>
    `${span.completionToken} ${template.completionShape}`;
  for (const template of templates)
    for (const span of template.spans) {
      const place = placeOf(template, span);
      const values = donors.get(place);
      if (values === undefined) donors.set(place, [span.text]);
      else values.push(span.text);
    }
  for (const [place, values] of donors) donors.set(place, [...new Set(values)]);
  const usable = templates.filter((template) =>
    template.spans.some((span) => (donors.get(placeOf(template, span)) ?? []).length > 1),
  );
  if (usable.length === 0) return [];

  const rng = createRng(seed);
  const prompts = new Set(rows.map((row) => normaliseText(row.prompt)));
  const made: Row[] = [];
  for (let tries = count * triesPerRow; tries > 0 && made.length < count; tries--) {
    if (tries % (2 * rowsBetweenPauses) === 0) await pause();
    const template = rng.pick(usable);
    const inPrompt = new Map<number, string>();
    const inCompletion = new Map<number, string>();
    for (const span of template.spans) {
      const value = rng.pick(donors.get(placeOf(template, span)) ?? [span.text]);
      inPrompt.set(span.promptToken, value);
      inCompletion.set(span.completionToken, value);
    }
    const prompt = replaceTokens(template.row.prompt, template.promptTokens, inPrompt);
    const key = normaliseText(prompt);
    if (prompts.has(key)) continue;
    prompts.add(key);
    const completion = replaceTokens(template.row.completion, template.completionTokens, inCompletion);
    made.push({ ...template.row, prompt, completion });
  }
  return made;
}

/** Rows with their copied spans; spans that look copied by accident are left out. */
async function findTemplates(rows: readonly Row[], pause: Pause): Promise<Template[]> {
  const forms = new Map<string, { rows: number; copied: Map<string, number> }>();
  const habit = ({ completionToken, promptToken }: CopiedSpan): string => `${completionToken} ${promptToken}`;
  const templates: Template[] = [];
  for (const [index, row] of rows.entries()) {
    if (index % rowsBetweenPauses === rowsBetweenPauses - 1) await pause();
    // The prompt of a conversation is only the text of its turns: an exchange there would not change the turns.
    if (row.conversation !== undefined) continue;
    const promptTokens = tokensOf(row.prompt);
    const completionTokens = tokensOf(row.completion);
    const spans = copiedSpans(row.prompt, promptTokens, completionTokens);
    const form = formOf(row.prompt, row.completion);
    const group = forms.get(form) ?? { rows: 0, copied: new Map<string, number>() };
    group.rows += 1;
    for (const span of spans) group.copied.set(habit(span), (group.copied.get(habit(span)) ?? 0) + 1);
    forms.set(form, group);
    if (spans.length > 0)
      templates.push({
        row,
        promptTokens,
        completionTokens,
        completionShape: shapeOf(row.completion),
        form,
        spans,
      });
  }
  return templates.flatMap((template) => {
    const group = forms.get(template.form)!;
    const spans = template.spans.filter((span) =>
      group.rows < enoughOfForm
        ? !mayCoincide(span.text)
        : (group.copied.get(habit(span)) ?? 0) >= copiedShare * group.rows,
    );
    return spans.length === 0 ? [] : [{ ...template, spans }];
  });
}
