import { capitalise } from '../../../lib/text.ts';
import type { IntakeInput } from '../../port.ts';
import { type Draft, setting, trainFile } from './draft.ts';
import { take, wordsAt } from './marked-text.ts';
import type { FieldReader, Reader } from './reading.ts';

const filler = new Set(
  `a an the my our your their some these those this that messy dirty raw ugly free incoming customer user human long
  short various different many all any small big into simple plain please standard proper valid clean nice good`.split(
    /\s+/,
  ),
);
const stop =
  /\b(?:with|using|use|data|dataset|from the|attached|budget|please|and|so|at|by|within|in under|reach|target|metric|measure|on the|based|for (?:me|us))\b.*$|[.,;:!?(\n⟦].*$/i;

function nounPhrase(text: string, most: number): string {
  const words = text
    .replace(stop, '')
    .trim()
    .split(/\s+/)
    .filter((word) => word && !filler.has(word.toLowerCase()));
  return words.slice(0, most).join(' ');
}

const shapes: [RegExp, (a: string, b: string) => string][] = [
  [
    /\b(?:turn(?:s|ing)?|convert(?:s|ing)?|rewrit(?:e|es|ing)|transform(?:s|ing)?|translat(?:e|es|ing)|normali[sz](?:e|es|ing)|map(?:s|ping)?|chang(?:e|es|ing)) (.+?) (?:in)?to (.+)/i,
    (a, b) => `${a} to ${b}`,
  ],
  [/\bextract(?:s|ing)? (.+?) (?:from|out of) (.+)/i, (a, b) => `${a} from ${b}`],
  [
    /\b(?:classif(?:y|ies|ying)|sort(?:s|ing)?|rout(?:e|es|ing)|label(?:s|ling)?|tag(?:s|ging)?) (.+?) (?:by|into|to|as) (.+)/i,
    (a, b) => `${a} by ${b}`,
  ],
  [/\bpredict(?:s|ing)? (.+?) (?:from|of) (.+)/i, (a, b) => `${a} from ${b}`],
  [
    /\b(?:classif(?:y|ies|ying)|rout(?:e|es|ing)|label(?:s|ling)?|tag(?:s|ging)?) (.+)/i,
    (a) => `${a} by label`,
  ],
  [/\bsummari[sz](?:e|es|ing) (.+)/i, (a) => `summaries of ${a}`],
  [/\b(?:answer(?:s|ing)?) (.+)/i, (a) => `answers to ${a}`],
  [/\bfine-?\s?tun\w* (?:.*?)\b(?:for|on|to do) (.+)/i, (a) => a],
];

/** `turn messy dates into ISO` gives `dates to ISO`; null when the words have no such form. */
export function titleFromGoal(goal: string): string | null {
  for (const [pattern, build] of shapes) {
    const match = pattern.exec(goal.replace(/<@[^>]*>/g, ' ').replace(/\s+/g, ' '));
    if (!match) continue;
    const a = nounPhrase(match[1] ?? '', 3);
    const b = match[2] === undefined ? '' : nounPhrase(match[2], 3);
    if (!a || (match[2] !== undefined && !b)) continue;
    const title = capitalise(build(a, b));
    if (title.length <= 60) return title;
  }
  return null;
}

const stem = (name: string): string =>
  name
    .replace(/\.[a-z0-9]+$/i, '')
    .replace(/[_\-.]+/g, ' ')
    .replace(/\b(?:train(?:ing)?|data|dataset|set|v?\d+)\b/gi, ' ')
    .replace(/\s+/g, ' ')
    .trim();

/** A short name for the thread: the task's title, else from the words of the goal, else from the file's name. */
export function titleOf(draft: Draft, input: IntakeInput): string {
  if (draft.title) return draft.title;
  const task = input.tasks.find((t) => t.name === draft.task);
  const file = trainFile(draft);
  const title =
    task?.title ?? titleFromGoal(draft.goal.join('\n')) ?? (file ? capitalise(stem(file.name)) : null);
  return (title || 'Fine-tuning').slice(0, 80);
}

const titleText =
  /\b(?:call (?:it|this|the campaign)|title(?: it| is|:|=)?|name(?: it| is|:|=))\s*["']([^"'\n]{1,80})["']/;

/** `call it "Dates"`, with its capitals. */
export const readTitle: Reader = (marked) => {
  const found = take(marked, titleText);
  if (!found) return null;
  const from = found.match.index + found.match[0].lastIndexOf(found.match[1] ?? '');
  const title = wordsAt(marked, from, from + (found.match[1] ?? '').length)
    .slice(0, 80)
    .trim();
  return title ? { change: setting({ title }), rest: found.rest } : null;
};

export const answerTitle: FieldReader = (text) => {
  const title = text
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/^["']|["']$/g, '')
    .slice(0, 80)
    .trim();
  return title ? setting({ title }) : null;
};
