import type { CostLimit } from '../../../campaign/brief.ts';
import { numberPattern, parseNumber } from '../../../lib/parse/words.ts';
import { problem, setting } from './draft.ts';
import { formatLimit, type LimitField } from './limits.ts';
import { amountAt, amountMark, type MarkedText, take, takenWords } from './marked-text.ts';
import type { Reader } from './reading.ts';

const times: Record<string, number> = { double: 2, twice: 2, triple: 3, quadruple: 4, halve: 0.5, half: 0.5 };
const parts: Record<string, number> = { half: 0.5, third: 1 / 3, quarter: 0.25, fifth: 0.2, tenth: 0.1 };
const factorText =
  /\b(double|twice|triple|quadruple|halve|half)(?: (?:of )?(?:the|that|my|this|its))? (budget|limit|it|that|amount)\b/;
const timesText = new RegExp(`\\b(${numberPattern}) times (?:the|that|as much)(?: budget)?`);
const partText =
  /\b(?:by )?(?:an? |one )?(half|third|quarter|fifth|tenth|(\d{1,3})\s?%)(?: of (?:it|that|the budget))? (more|less|higher|lower|longer|shorter|as much again)\b/;
const byPartText =
  /\b(raise|increase|lift|lower|reduce|cut|shorten|decrease)(?: it| that| (?:the|my) budget)? by (?:an? |one )?(half|third|quarter|fifth|tenth|(\d{1,3})\s?%)/;
const amountMore = new RegExp(
  `(?:\\b(?:add|give (?:it|you)|plus) )?(?:\\banother )?${amountMark} (more|less|longer|shorter|on top|extra)\\b`,
);
const addAmount = new RegExp(`\\b(?:(add)|(?:another))\\s+${amountMark}`);
const byAmount = new RegExp(
  `\\b(raise|increase|lift|extend|lower|reduce|cut|shorten|decrease)(?: it| that| (?:the|my) budget)? by ${amountMark}`,
);
const isLess = (word: string | undefined): boolean =>
  /^(?:less|lower|shorter|reduce|cut|shorten|decrease)$/.test(word ?? '');

/** `double the budget`, `a third less`, `10 minutes more`: changes of an earlier limit. */
export const readRelativeLimit: Reader = (marked, reading) => {
  const field: LimitField =
    reading.draft.lastNumber === 'askAbove' && !/\bbudget\b/.test(marked.text) ? 'askAbove' : 'budget';
  const limit = reading.draft[field];
  const change = (scale: (limit: CostLimit) => CostLimit | null, rest: MarkedText): ReturnType<Reader> => {
    const next = limit === null ? null : scale(limit);
    if (next === null)
      return {
        change: problem(
          `"${takenWords(marked, rest)}" needs an amount to start from; please say the ${field === 'budget' ? 'budget' : 'limit'} itself.`,
        ),
        rest,
      };
    if ((next.computeSeconds ?? 1) <= 0 || (next.usd ?? 1) <= 0)
      return { change: problem(`That would leave nothing of ${formatLimit(limit ?? next)}.`), rest };
    return { change: setting(field === 'budget' ? { budget: next } : { askAbove: next }), rest };
  };
  const by =
    (factor: number) =>
    (of: CostLimit): CostLimit => ({
      computeSeconds:
        of.computeSeconds === null ? null : Math.round(of.computeSeconds * factor * 1000) / 1000,
      usd: of.usd === null ? null : Math.round(of.usd * factor * 100) / 100,
    });
  const factor = take(marked, factorText);
  if (factor) return change(by(times[factor.match[1] ?? ''] ?? 1), factor.rest);
  const multiple = take(marked, timesText);
  if (multiple) return change(by(parseNumber(multiple.match[1] ?? '') ?? 1), multiple.rest);
  const part = take(marked, partText);
  if (part) {
    const share =
      part.match[2] === undefined ? (parts[part.match[1] ?? ''] ?? 0) : Number(part.match[2]) / 100;
    return change(by(isLess(part.match[3]) ? 1 - share : 1 + share), part.rest);
  }
  const byPart = take(marked, byPartText);
  if (byPart) {
    const share =
      byPart.match[3] === undefined ? (parts[byPart.match[2] ?? ''] ?? 0) : Number(byPart.match[3]) / 100;
    return change(by(isLess(byPart.match[1]) ? 1 - share : 1 + share), byPart.rest);
  }
  const more =
    take(marked, byAmount) ?? take(marked, amountMore) ?? (limit === null ? null : take(marked, addAmount));
  const amount = amountAt(
    marked,
    more?.match.slice(1).find((group) => group !== undefined && /^\d+$/.test(group)),
  );
  if (!more || !amount) return null;
  const words = more.match.slice(1).filter((group) => group !== undefined && !/^\d+$/.test(group));
  const sign = words.some((word) => isLess(word) || word === 'lower') ? -1 : 1;
  return change((of) => {
    if (amount.kind === 'usd' && of.usd !== null) return { ...of, usd: of.usd + sign * amount.usd };
    if ((amount.kind === 'time' || amount.kind === 'gpuTime') && of.computeSeconds !== null)
      return { ...of, computeSeconds: of.computeSeconds + sign * amount.seconds };
    return null;
  }, more.rest);
};
