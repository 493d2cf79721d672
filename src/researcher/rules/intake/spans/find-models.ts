import type { Span } from './span.ts';

interface KnownModel {
  id: string;
  title: string;
}

/** Families of open and closed models; a name is one of them with a version or a size, never the word alone. */
const families =
  'qwen|qwq|llama|tinyllama|mistral|mixtral|ministral|gemma|phi|gpt|smollm|deepseek|falcon|bert|distilbert|roberta|deberta|modernbert|t5|flan|pythia|olmo|granite|yi|bloom|opt|mpt|nemotron|command|aya|internlm|baichuan|glm|chatglm|kimi|claude|gemini|grok|starcoder|codellama|vicuna|stablelm|exaone|nano';
const version = String.raw`\d+(?:\.\d+)*[a-z]{0,3}`;
/** `Llama-3.3-70B-Instruct`, `qwen 2.5 3b`, `gpt-4o-mini`, behind an organisation or not. */
const named = new RegExp(
  `(?<![\\w./-])(?:[\\w.-]{1,60}/)?(?:meta[- ])?(?:${families})(?:[- ]?(?:v)?${version})(?:[- ](?:${version}|instruct|chat|base|it|mini|small|large|nano|turbo|pro|flash|coder|vision|preview|distill|thinking|reasoning|pt))*(?![\\w/])`,
  'gi',
);
/** A path of a hub with a size in it: `org/name-7b`. */
const sized =
  /(?<![\w./-])[A-Za-z][\w.-]{1,60}\/[\w.-]{0,80}\d(?:\.\d{1,3})?[bBmM](?:[-_.][\w.-]{1,60})?(?![\w/])/g;
/** Families that are words first: alone they name a model only where one of them is here. */
const ordinaryFamily =
  /^(?:command|yi|opt|bloom|falcon|phi|granite|nano|aya|grok|kimi|pythia|claude|gemini)$/i;
const isTrained = /^(?:fine|tune|(?:base )?model)/i;
const familyAlone = new RegExp(
  `\\b(?:fine-?\\s?tun(?:e|ing)|finetun(?:e|ing)|tune|train|(?:base )?model(?: is|:|=| should be)?|use|with|on|from|start(?:ing)? (?:from|with))\\s+(?:the |an? )?((?:${families})(?:-[\\w.]{1,40})?)(?![\\w./-])`,
  'gi',
);
/** A name with a number behind the word model, whatever its family. */
const called =
  /\b(?:base )?model(?: is|:|=| should be| called| named)?[^\S\n]+["'`]?(?![\d.,]+(?![\w-]))((?:[a-z]{2,20}[-.]?)?[\w.-]{0,40}\d[\w.-]{0,40})["'`]?(?![\w/])/gi;

const partsOf = (name: string): string[] =>
  name
    .toLowerCase()
    .replace(/^.*\//, '')
    .match(/\d+(?:\.\d+)*[a-z]*|[a-z]+/g) ?? [];
const isSize = (part: string): boolean => /^\d+(?:\.\d+)*[bmk]$/.test(part);

/** The listed models whose name matches every stated part: family, version and size. */
export function modelsMeant(said: string, known: readonly KnownModel[]): string[] {
  const plain = (text: string): string =>
    text
      .toLowerCase()
      .replace(/[^\p{L}\p{N}.]+/gu, ' ')
      .trim();
  const exact = known.filter(({ id, title }) =>
    [plain(id), plain(title), plain(id.replace(/^.*\//, ''))].includes(plain(said)),
  );
  if (exact.length > 0) return exact.map(({ id }) => id);
  const parts = partsOf(said).filter((part) => part !== 'meta' && part !== 'v');
  if (parts.length === 0) return [];
  return known
    .filter(({ id, title }) => {
      const has = new Set([...partsOf(id), ...partsOf(title)]);
      return parts.every((part) => has.has(part));
    })
    .map(({ id }) => id);
}

/** Up to three listed models nearest to the stated one: the same family first, then the same size. */
export function nearestModels(said: string, known: readonly KnownModel[]): string[] {
  const parts = new Set(partsOf(said));
  const likeness = ({ id }: KnownModel): number =>
    partsOf(id).reduce(
      (sum, part) => sum + (parts.has(part) ? (isSize(part) ? 2 : /^[a-z]/.test(part) ? 3 : 1) : 0),
      0,
    );
  return [...known]
    .map((model, rank) => ({ model, rank, likeness: likeness(model) }))
    .sort((a, b) => b.likeness - a.likeness || a.rank - b.rank)
    .slice(0, 3)
    .map(({ model }) => model.id);
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** The models that a text names: listed ones by id or title, and others by the form of such names. */
export function findModels(text: string, known: readonly KnownModel[]): Span[] {
  const spans: Span[] = [];
  const add = (start: number, said: string): void => {
    const trimmed = said.replace(/[.,;:]+$/, '');
    spans.push({
      kind: 'model',
      start,
      end: start + trimmed.length,
      text: trimmed,
      ids: modelsMeant(trimmed, known),
    });
  };
  // A title of one plain word is a word first.
  for (const { id, title } of known)
    for (const name of [id, ...(/[\s\d]/.test(title) ? [title] : [])])
      for (const match of text.matchAll(new RegExp(`(?<![\\w/-])${escaped(name)}(?![\\w-])`, 'gi')))
        add(match.index, match[0]);
  for (const match of text.matchAll(named)) add(match.index, match[0]);
  for (const match of text.matchAll(sized)) add(match.index, match[0]);
  for (const pattern of [familyAlone, called])
    for (const match of text.matchAll(pattern)) {
      const said = match[1] ?? '';
      const meant = modelsMeant(said, known);
      const isMeant = isTrained.test(match[0]) && !ordinaryFamily.test(said);
      if (pattern === called || meant.length > 0 || isMeant)
        add(match.index + match[0].lastIndexOf(said), said);
    }
  return spans;
}
