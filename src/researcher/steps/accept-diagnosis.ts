import { z } from 'zod';
import type { Diagnosis, Mistake } from '../../campaign/diagnosis.ts';
import { strategies } from '../../campaign/states.ts';
import { mistakeKinds } from '../../scoring/mistakes.ts';
import { cleanAnswer } from '../clean-text.ts';
import type { DiagnosisContext } from '../port.ts';
import type { ShownItems } from '../prompts/diagnose-prompt.ts';
import { comparison } from '../rules/diagnose.ts';

const numbers = z.array(z.int()).max(200);

/** A diagnosis as a language model writes it. Items are named by number; we count them. */
export const DiagnosisAnswer = z.strictObject({
  mistakes: z.array(z.strictObject({ kind: z.string().min(1), failing: numbers, fixed: numbers })).max(12),
  summary: z.string().min(1),
  directions: z
    .array(
      z.strictObject({
        text: z.string().min(1),
        strategy: z.enum(strategies),
        expectedGain: z.strictObject({ low: z.number(), high: z.number() }).nullable(),
        costRatio: z.number().positive().nullable(),
        refutedBy: z.string().min(1),
      }),
    )
    .max(8),
});
export type DiagnosisAnswer = z.infer<typeof DiagnosisAnswer>;

const maxKinds = 6;
const maxDirections = 3;

/** A model's answer as a diagnosis: its kinds and words, our counts, and our comparison in front. */
export function acceptDiagnosis(
  answer: DiagnosisAnswer,
  context: DiagnosisContext,
  shown: ShownItems,
): { value: Diagnosis } | { problems: string[] } {
  const mistakes = countKinds(answer.mistakes, context, shown);
  if (mistakes.length === 0 && shown.failing.length > 0)
    return {
      problems: [`mistakes: none names a failing item by its number, from 1 to ${shown.failing.length}`],
    };
  const summary = cleanAnswer(answer.summary, 500);
  const head = comparison(context);
  return {
    value: {
      summary: head === null ? summary : `${head}. ${summary}`,
      mistakes,
      directions: answer.directions.slice(0, maxDirections).map((d) => ({
        text: cleanAnswer(d.text, 240),
        strategy: d.strategy,
        expectedGain:
          d.expectedGain === null
            ? null
            : {
                low: Math.max(-1, Math.min(d.expectedGain.low, d.expectedGain.high)),
                high: Math.min(1, Math.max(d.expectedGain.low, d.expectedGain.high)),
              },
        costRatio: d.costRatio === null ? null : Math.min(1000, d.costRatio),
        refutedBy: cleanAnswer(d.refutedBy, 240),
      })),
    },
  };
}

function countKinds(
  kinds: DiagnosisAnswer['mistakes'],
  { broken, parent }: DiagnosisContext,
  shown: ShownItems,
): Mistake[] {
  const isNew = new Set(broken.map((item) => item.prompt));
  const taken = { failing: new Set<number>(), fixed: new Set<number>() };
  /** An item counts once, under the first kind that names it. */
  const take = (side: 'failing' | 'fixed', listed: number[]): ShownItems['failing'] =>
    listed.flatMap((number) => {
      const item = shown[side][number - 1];
      if (item === undefined || taken[side].has(number)) return [];
      taken[side].add(number);
      return [item];
    });
  return kinds
    .map((found): Mistake => {
      const [failing, fixed] = [take('failing', found.failing), take('fixed', found.fixed)];
      const kind = cleanAnswer(found.kind, 100);
      const [first] = failing;
      return {
        kind,
        count: failing.length,
        example: first === undefined ? '' : (mistakeKinds([first])[0]?.example ?? ''),
        ...(parent === null
          ? {}
          : {
              moved: { fixed: fixed.length, broken: failing.filter((item) => isNew.has(item.prompt)).length },
            }),
      };
    })
    .filter((m) => m.count > 0 && m.kind !== '')
    .sort((a, b) => b.count - a.count)
    .slice(0, maxKinds);
}
