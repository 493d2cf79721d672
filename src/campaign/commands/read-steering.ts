import { type TrainingMethod, trainingMethods } from '../brief.ts';
import { methodPatterns } from '../read-methods.ts';
import type { Strategy } from '../states.ts';
import { noWish, type Wish } from '../steering.ts';
import type { Command } from './command.ts';
import { type Reader, readPhrases } from './reader.ts';
import { numbersIn } from './slots.ts';
import { strategyPatterns } from './strategy-words.ts';

const wish = (part: Partial<Wish>): Command => ({ kind: 'steer', wish: { ...noWish, ...part } });

const named = <T>(patterns: readonly (readonly [T[], string])[], text: string): T[] =>
  patterns.flatMap(([names, source]) => (new RegExp(`(?<!\\w)${source}(?!\\w)`).test(text) ? names : []));

const strategiesOf = strategyPatterns.map(([strategy, source]) => [[strategy], source] as const);

/** The training methods and strategies that a text names. */
function kindsIn(text = ''): { methods: TrainingMethod[]; strategies: Strategy[] } {
  const methods = named<TrainingMethod>(methodPatterns, text);
  const strategies = named<Strategy>(
    strategiesOf.map(([names, source]) => [[...names], source]),
    text,
  );
  return { methods: trainingMethods.filter((method) => methods.includes(method)), strategies };
}

function onlyThese(text?: string): Command {
  const { methods, strategies } = kindsIn(text);
  const others = <T>(all: readonly T[], kept: readonly T[]): T[] =>
    kept.length === 0 ? [] : all.filter((one) => !kept.includes(one));
  return wish({
    ban: {
      ...noWish.ban,
      methods: others(trainingMethods, methods),
      strategies: others(
        strategyPatterns.map(([strategy]) => strategy),
        strategies,
      ),
    },
    allow: { ...noWish.allow, methods, strategies },
  });
}

const without =
  "(no [more]|drop|without|skip|avoid|ban|stop [using|with|doing]|never [use]|(don't|do not) (use|try|do)|exclude|forget [about]|leave out|remove|no more of) [any|the|all]";
const end = '[first|next|again|alone|any more|anymore|from now on|instead]';
const grow =
  '(pin|[keep] (grow|growing) [more] (from|below|on)|build [more] on|continue (from|with|on)|go deeper (on|from|below|with)|expand|focus on|concentrate on)';
const leave =
  "(ban|prune|abandon|leave|give up on|forget [about]|(don't|do not) (build|grow|expand|continue) [any more|anymore] [on|from|below|with]|stop (growing|building|expanding) [on|from|below]|(no|nothing) more (below|from|on|under))";

/** Steering of the search: nodes to grow from or to leave, methods and strategies to use or not. */
export const readWishes: Reader = readPhrases([
  [`unpin <nodes> ${end}`, ({ nodes }) => wish({ unpin: numbersIn(nodes?.[0]) })],
  [
    `(unban|reopen|bring back) <nodes> ${end}|allow <nodes> again`,
    ({ nodes }) => wish({ allow: { ...noWish.allow, nodes: numbersIn(nodes?.[0]) } }),
  ],
  [`${grow} <nodes> ${end}`, ({ nodes }) => wish({ pin: numbersIn(nodes?.[0]) })],
  [`${leave} <nodes> ${end}`, ({ nodes }) => wish({ ban: { ...noWish.ban, nodes: numbersIn(nodes?.[0]) } })],
  [`${without} <kinds> ${end}`, ({ kinds }) => wish({ ban: { ...noWish.ban, ...kindsIn(kinds?.[0]) } })],
  [
    `[use|do|try] <kinds> only ${end}|(only|just|exclusively|nothing but) [use|do|try] <kinds> ${end}|(use|do|keep to|stick to|stick with) [only|just|nothing but] <kinds> ${end}`,
    ({ kinds }) => onlyThese(kinds?.[0]),
  ],
  [
    `(allow|bring back|try|again with) [the|some] <kinds> ${end}|<kinds> (is|are) (fine|ok|okay|allowed) ${end}|<kinds> again`,
    ({ kinds }) => wish({ allow: { ...noWish.allow, ...kindsIn(kinds?.[0]) } }),
  ],
  ['[use|do|try] both [of them|methods|kinds]', () => onlyThese('full, lora')],
  [
    '[use|do|try|allow] all [three] methods',
    () => wish({ allow: { ...noWish.allow, methods: [...trainingMethods] } }),
  ],
]);

const [minWeight, maxWeight] = [0.25, 4];
const amounts: [string, number][] = [
  ['(?:a lot |much |way )more', 4],
  ['(?:more|twice as (?:much|many)|double(?: the)?(?: weight of)?|prefer|rather)', 2],
  ['(?:a lot |much |way )(?:less|fewer)', 0.25],
  ['(?:less|fewer|half as (?:much|many)|halve(?: the)?(?: weight of)?)', 0.5],
];
const tail = '(?: (?:next|again|from now on|instead))?$';

/** `more synthetic data`, `weigh filters 0.5`, `filters as usual`. */
export const readWeight: Reader = ({ text }) => {
  for (const [strategy, words] of strategyPatterns) {
    const say = (weight: number): Command =>
      wish({ weights: [{ strategy, weight: Math.min(maxWeight, Math.max(minWeight, weight)) }] });
    const lead = '(?:do |use |try |give me )?';
    for (const [amount, weight] of amounts) {
      if (new RegExp(`^${lead}${amount} ${words}${tail}`).test(text)) return say(weight);
    }
    if (new RegExp(`^${lead}${words} (?:as usual|normally)${tail}`).test(text)) return say(1);
    const given = new RegExp(
      `^(?:re-?)?weigh(?:t)?(?: of)?(?: the)? ${words}(?: at| to| by| =|:)? ?(?:x ?)?(\\d{1,2}(?:\\.\\d{1,3})?) ?x?$`,
    ).exec(text)?.[1];
    if (given !== undefined) return say(Number(given));
  }
  return null;
};

/** `try date/noisy next`, `use the noisy pool`: with a word that marks it as a source of rows. */
export const readSource: Reader = ({ text }) => {
  const verb = '(?:try|use|train on|switch to|start from)';
  const rest = '(?: (?:next|first|too|as well|instead))?';
  const kind = '(?:data ?set|source|pool|file)';
  const id = '["\'`]?([\\w.:/-]{2,100})["\'`]?';
  const isThis = new RegExp(`^${verb}(?: the| this)? (?:new )?${kind}${rest}$`).test(text);
  const source = isThis
    ? 'this'
    : (new RegExp(`^${verb}(?: the| this)? ${kind} ${id}${rest}$`).exec(text)?.[1] ??
      new RegExp(`^${verb}(?: the)? ${id} (?:${kind}|rows|next)${rest}$`).exec(text)?.[1]);
  return source === undefined ? null : wish({ source });
};

/** Words about somebody, on a condition or in quotes are no topic. */
const embedded = /["“”]|\b(?:if|unless|when|until|said|says|told|asked|wrote)\b/;

/** `focus on short answers`: the rest is in the person's own words. */
export const readFocus: Reader = ({ text }) => {
  const topic =
    /^(?:focus|concentrate|look|work)(?: more| mostly)? (?:on|at) (?:the )?([^.;!?]{2,120})$/.exec(text)?.[1];
  return topic === undefined || embedded.test(topic) ? null : wish({ focus: topic.trim() });
};

/** Joins two steering commands of one sentence. */
export function joinWishes(one: Wish, other: Wish): Wish {
  const join = <T>(a: readonly T[], b: readonly T[]): T[] => [...new Set([...a, ...b])];
  const joinKinds = (a: Wish['ban'], b: Wish['ban']): Wish['ban'] => ({
    methods: join(a.methods, b.methods),
    strategies: join(a.strategies, b.strategies),
    nodes: join(a.nodes, b.nodes),
  });
  return {
    ban: joinKinds(one.ban, other.ban),
    allow: joinKinds(one.allow, other.allow),
    pin: join(one.pin, other.pin),
    unpin: join(one.unpin, other.unpin),
    weights: [...one.weights, ...other.weights],
    source: other.source ?? one.source,
    focus: other.focus ?? one.focus,
  };
}
