import type { Span } from './span.ts';

const extensions =
  'jsonl|ndjson|json|csv|tsv|parquet|arrow|feather|txt|xlsx?|zip|tar|gz|zst|bz2|pkl|h5|sqlite|db';
/** `scheme://…`, `hf:org/name`, `www.…`; Slack writes links as `<address|words>`. */
const link =
  /<?((?:[a-z][a-z0-9+.-]{0,14}:\/\/|(?:hf|huggingface|kaggle):(?=\S)|www\.(?=\S))[^\s<>|"'`)\]]{1,500})(?:\|[^>\n]{0,200})?>?/gi;
const file = new RegExp(
  `(?<![\\w./~-])(?:[\\w~.+@-]{1,80}/){0,12}([\\p{L}\\w.+@-]{1,120}\\.(?:${extensions}))(?![\\w/-])`,
  'giu',
);
const path = /(?<![\w./~-])(?:~|\.{1,2})?(?:\/[\w.+@-]{1,80}){2,20}\/?/g;
/** `org/name` as hubs write it; words such as `and/or` have neither digits nor hyphens. */
const hubId = /(?<![\w./@-])[A-Za-z][\w.-]{1,60}\/[A-Za-z][\w.-]{1,90}(?![\w/])/g;
/** The same without either, where words say what it is: `my dataset acme/tickets`, `acme/tickets on the hub`. */
const hubIdNamed =
  /(?<=\b(?:data ?sets?|repo(?:sitory)?|hub|hugging ?face|hf|corpus)(?: is| called| named|:)? ["'`]?)[a-z][\w.-]{1,60}\/[a-z][\w.-]{1,90}(?![\w/])|(?<![\w./@-])[a-z][\w.-]{1,60}\/[a-z][\w.-]{1,90}(?=["'`]? (?:on|from|at) (?:the |hf\b|hugging))/gi;
const slackDate = /[.,;:!?]+$/;

const storeOf = (address: string): string => {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(address)?.[1]?.toLowerCase();
  switch (scheme) {
    case 'hf':
    case 'huggingface':
      return 'the Hugging Face Hub';
    case 'http':
    case 'https':
    case undefined:
      return 'links';
    default:
      return `${scheme} addresses`;
  }
};

/** Files, links, paths and ids that a text names. Linear: every pattern has bounded parts. */
export function findReferences(text: string): Span[] {
  const links = [...text.matchAll(link)].map((match): Span => {
    const address = (match[1] ?? '').replace(slackDate, '');
    const isWhole = match[0].startsWith('<');
    const start = match.index;
    const end = isWhole ? start + match[0].length : start + address.length;
    return { kind: 'address', start, end, text: address, store: storeOf(address) };
  });
  const files = [...text.matchAll(file)].map((match): Span => {
    const [whole, name = whole] = match;
    return { kind: 'file', start: match.index, end: match.index + whole.length, text: whole, name };
  });
  const paths = [...text.matchAll(path)].map((match): Span => {
    const [whole] = match;
    return {
      kind: 'address',
      start: match.index,
      end: match.index + whole.length,
      text: whole,
      store: 'paths',
    };
  });
  const ids = [
    ...[...text.matchAll(hubId)].filter(([whole]) => /[\d_-]/.test(whole)),
    ...text.matchAll(hubIdNamed),
  ].map((match): Span => {
    const [whole] = match;
    const end = match.index + whole.replace(slackDate, '').length;
    return {
      kind: 'address',
      start: match.index,
      end,
      text: text.slice(match.index, end),
      store: 'the Hugging Face Hub',
    };
  });
  return [...links, ...files, ...paths, ...ids];
}
