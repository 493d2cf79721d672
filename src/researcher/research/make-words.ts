import type { ResearchQuery } from './port.ts';

/** Words of requests that say nothing about the task. */
const empty = new Set(
  `a able about above accuracy add after all also an and any answer approve are as ask asks at attached attachment away
  base based be before best better big branch branches budget but by can card check clean compute convert could csv
  data dataset datasets day days deadline default dirty do does dollars done each epoch epochs eval evaluation every
  exact example examples extract file files fine finetune finetuned finetuning fine-tune fine-tuned fine-tuning first
  for free from full get give given go good gpu have held help here hour hours how i if in into is it its jsonl just
  keep kind large learn learning least less let limit line lines lora make many match matching max maximum me mean
  messy metric metrics min minute minutes model models money more most must my need new no node nodes noisy not of off
  on one only onto or our out over parallel people per percent please pls predict rate raw reach right row rows run
  runs score search sec second seconds see select set should simple small so some split start stop switch take target
  teach tell title test than thanks that the their them then these they this those time to tonight train trained training
  translate transform trex turn two under until up us use using very via want was way we well what when which while
  will with within without words would write x you your`.split(/\s+/),
);
const most = 4;

/**
 * The search words of a task, most specific first: those of the title, then those of the goal. Mentions, addresses,
 * file names, numbers and anything that looks like a key are left out.
 */
export function makeWords({ title, goal }: ResearchQuery): string[] {
  const words = new Set<string>();
  const tokens = `${title} ${goal}`
    .toLowerCase()
    .split(/\s+/)
    .filter((token) => !/[@/\\_#<>]|\w\.\w|\d/.test(token))
    .flatMap((token) => token.split(/[^\p{L}-]+/u));
  for (const token of tokens) {
    const word = token.replace(/^-+|-+$/g, '');
    if (word.length < 3 || word.length > 24 || empty.has(word)) continue;
    words.add(word);
    if (words.size === most) break;
  }
  return [...words];
}
