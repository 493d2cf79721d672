import { trainingMethods } from '../brief.ts';
import { readMethods } from '../read-methods.ts';
import type { Strategy } from '../states.ts';
import { noWish, type Wish } from '../steering.ts';
import { strategyPatterns } from './strategy-words.ts';

const ban = `(?:no(?: more)?|drop|without|skip|avoid|ban|stop(?: using| with| doing)?|never|don'?t (?:use|try|do)|exclude|forget(?: about)?)(?: any| the)?`;
const free = `(?:allow|bring back|try|use|do|also|again with)(?: the| some)?`;
const noun = `(?:(?:node|branch|number|round|experiment|no\\.?)s?\\s*)?`;
const nodes = `${noun}(#?\\d{1,5}(?:(?:\\s*,\\s*(?:and )?|\\s+and\\s+|\\s+or\\s+)#?\\d{1,5})*)`;
const end = `(?:,? (?:first|next|again|alone|any ?more|from now on|for now|please|instead))*$`;

const nodeWishes: [RegExp, (numbers: number[]) => Partial<Wish>][] = [
  [new RegExp(`^unpin ${nodes}${end}`), (unpin) => ({ unpin })],
  [
    new RegExp(`^(?:unban|reopen|bring back|allow(?= ${noun}#?\\d[\\d#, and]* again)) ${nodes}${end}`),
    (numbers) => ({ allow: { ...noWish.allow, nodes: numbers } }),
  ],
  [
    new RegExp(
      `^(?:pin|(?:keep )?grow(?:ing)?(?: more)? (?:from|below|on)|build(?: more)? on|continue (?:from|with|on)|go deeper (?:on|from|below|with)|expand|focus on|concentrate on) ${nodes}${end}`,
    ),
    (pin) => ({ pin }),
  ],
  [
    new RegExp(
      `^(?:ban|prune|abandon|leave|give up on|forget(?: about)?|don'?t (?:build|grow|expand|continue)(?: any ?more)?(?: on| from| below| with)?|stop (?:growing|building|expanding)(?: on| from| below)?|(?:no|nothing) more (?:below|from|on|under)) ${nodes}${end}`,
    ),
    (numbers) => ({ ban: { ...noWish.ban, nodes: numbers } }),
  ],
];

function readNodes(text: string): Wish | null {
  for (const [pattern, toWish] of nodeWishes) {
    const list = pattern.exec(text)?.[1];
    if (list === undefined) continue;
    const numbers = [...list.matchAll(/\d+/g)].map(([digits]) => Number(digits));
    return { ...noWish, ...toWish([...new Set(numbers)]) };
  }
  return null;
}

const [least, greatest] = [0.25, 4];
const amounts: [string, number][] = [
  ['(?:a lot |much |way )more', 4],
  ['(?:more|twice as (?:much|many)|double(?: the)?(?: weight of)?|prefer|rather)', 2],
  ['(?:a lot |much |way )(?:less|fewer)', 0.25],
  ['(?:less|fewer|half as (?:much|many)|halve(?: the)?(?: weight of)?)', 0.5],
];

/** `more synthetic data`, `weigh filters 0.5`, `filters as usual`. Only whole sentences: people also talk about these. */
function readWeight(text: string): Wish | null {
  for (const [strategy, words] of strategyPatterns) {
    const say = (weight: number): Wish => ({
      ...noWish,
      weights: [{ strategy, weight: Math.min(greatest, Math.max(least, weight)) }],
    });
    const lead = '(?:do |use |try |give me |i want |we want )?';
    for (const [amount, weight] of amounts) {
      if (new RegExp(`^${lead}${amount} ${words}${end}`).test(text)) return say(weight);
    }
    if (new RegExp(`^${lead}${words} (?:as usual|normally)${end}`).test(text)) return say(1);
    const given = new RegExp(
      `^(?:re-?)?weigh(?:t)?(?: of)?(?: the)? ${words}(?: at| to| by| =|:)? ?(?:x ?)?(\\d{1,2}(?:\\.\\d{1,3})?) ?x?$`,
    ).exec(text)?.[1];
    if (given !== undefined) return say(Number(given));
  }
  return null;
}

/** `try date/noisy next`, `use the noisy pool`: with a word that says that a source of rows is meant. */
function readSource(text: string): Wish | null {
  const verb = '(?:try|use|train on|switch to|start from)';
  const rest = '(?: (?:next|first|too|as well|instead))?';
  const kind = '(?:data ?set|source|pool|file)';
  const id = '["\'`]?([\\w.:/-]{2,100})["\'`]?';
  const isThis = new RegExp(`^${verb}(?: the| this)? (?:new )?${kind}${rest}$`).test(text);
  const source = isThis
    ? 'this'
    : (new RegExp(`^${verb}(?: the| this)? ${kind} ${id}${rest}$`).exec(text)?.[1] ??
      new RegExp(`^${verb}(?: the)? ${id} (?:${kind}|rows|next)${rest}$`).exec(text)?.[1]);
  return source === undefined ? null : { ...noWish, source };
}

function readKinds(text: string): Wish | null {
  const methodWish = readMethods(text);
  const banned: Strategy[] = [];
  const allowed: Strategy[] = [];
  for (const [strategy, words] of strategyPatterns) {
    if (new RegExp(`\\b${ban} ${words}`).test(text)) banned.push(strategy);
    else if (new RegExp(`\\b${words} only\\b|\\bonly ${words}`).test(text))
      banned.push(...strategyPatterns.map(([s]) => s).filter((s) => s !== strategy));
    else if (new RegExp(`\\b${free} ${words}`).test(text)) allowed.push(strategy);
  }
  const focus =
    /\b(?:focus|concentrate|work|look more|spend more)(?: more| mostly)? (?:on|at) (?:the )?([^.;!?]{2,120})/.exec(
      text,
    )?.[1];
  if (!methodWish && banned.length === 0 && allowed.length === 0 && !focus) return null;
  const onlyThese = methodWish?.allowed ?? null;
  return {
    ...noWish,
    ban: {
      methods: onlyThese ? trainingMethods.filter((m) => !onlyThese.includes(m)) : (methodWish?.banned ?? []),
      strategies: banned,
      nodes: [],
    },
    allow: { methods: onlyThese ?? methodWish?.freed ?? [], strategies: allowed, nodes: [] },
    focus: focus?.trim() ?? null,
  };
}

/** Reads a wish from a tidied message; null when it holds none. */
export const readSteering = (text: string): Wish | null =>
  readNodes(text) ?? readWeight(text) ?? readKinds(text) ?? readSource(text);
