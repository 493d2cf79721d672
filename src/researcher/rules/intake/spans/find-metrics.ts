import type { MetricName } from '../../../../scoring/types.ts';
import type { Span } from './span.ts';

/** Names of the metrics that can be measured here. */
const known: [MetricName, string][] = [
  [
    'exact_match',
    `exact[- _]?match(?:es)?|exact(?:ly)? (?:equal|the same)|em score|string match|word for word|exact answers?`,
  ],
  ['token_f1', `token(?:[- _]level)?[- _]?f[- ]?1|f[- ]?1|word overlap|token overlap`],
  ['rouge_l', `rouge[- _]?l(?:sum)?|rouge`],
  [
    'contains',
    `contains (?:match|metric|the answer)|contain(?:s|ment) score|substring(?: match)?|answer (?:is )?contained|includes? the answer`,
  ],
  [
    'accuracy',
    `accuracy|acc|share (?:of )?(?:right|correct)|percent(?:age)? (?:right|correct)|classification rate`,
  ],
];
/** Words that make another metric of the one that follows. */
const qualifiers = String.raw`macro|micro|weighted|balanced|averaged?|binary|entity(?:[- ]level)?|span(?:[- ]level)?|chunk(?:[- ]level)?|sentence[- ]level|per[- ]class|class[- ]wise|sample[- ]wise|top[- ]?\d+|normali[sz]ed|relaxed|strict|partial|fuzzy|soft|subset|hamming|execution|pairwise|mean|geometric|beta|squad|seqeval`;
/** Metrics that cannot be mistaken for an ordinary word. */
const unmistakable = String.raw`rouge[- _]?(?:\d|n|w|s)|bleu(?:[- ]?\d)?|sacrebleu|chrf\+*|meteor score|bert[- ]?score|bleurt|comet score|perplexity|ppl|roc[- ]?auc|pr[- ]?auc|au(?:roc|prc|c)|mcc|matthews(?:'s)? correlation(?: coefficient)?|cohen'?s kappa|f[- ]?(?:0\.5|2|beta)|wer|cer|mse|mae|rmse|mape|r2 score|spearman(?:'s)?(?: \w+)?|pearson(?:'s)?(?: \w+)?|n?dcg(?:@\d+)?|mrr|map@\d+|(?:recall|precision|hit|hits|pass)@\d+|pass at \d+|win[- ]?rate|llm[- ](?:as[- ]a[- ])?judge|g-eval|human eval\w*|edit distance|levenshtein(?: distance)?|jaccard(?: \w+)?|iou|log[- ]?loss|cross[- ]entropy|brier(?: score)?|anls|code ?bleu`;
/** Metrics that are also words; they count where something is measured. */
const ordinary =
  'precision|recall|loss|kappa|meteor|similarity|correlation|error rate|faithfulness|helpfulness|fluency|latency|likelihood|auroc|dice|error';
const measuring = `metrics?(?: is| are|:|=| should be)?|measure[ds]?(?: it)?(?: by| with| using| on)?|scor(?:e|ed|ing)(?: it)?(?: by| with| using| on)|evaluat(?:e|ed|ing)(?: it)?(?: by| with| using| on)|judge[ds]?(?: it)?(?: by| with| on)|optimi[sz](?:e|ing)(?: for)?|maximi[sz](?:e|ing)|minimi[sz](?:e|ing)|in terms of|report`;

const everyKnown = known.map(([, pattern]) => pattern).join('|');
const patterns = {
  qualified: new RegExp(
    `(?<![\\w-])(?:${qualifiers})[- _](?:(?:averaged?|mean|level)[- _])?(?:${everyKnown}|precision|recall)(?:[- ]score)?(?![\\w-])`,
    'gi',
  ),
  qualifiedBehind:
    /(?<![\w-])(?:f[- ]?1|accuracy)(?:[- ]score)?[- ,]*\(?(?:macro|micro|weighted|balanced|binary)(?![\w-])(?:[- ]averaged?)?\)?/gi,
  unmistakable: new RegExp(`(?<![\\w-])(?:${unmistakable})(?:[- ]scores?)?(?![\\w-])`, 'gi'),
  measured: new RegExp(
    `\\b(?:${measuring})\\s+(?:the |an? )?((?:${ordinary})(?:[- ](?:score|and recall))?)(?![\\w-])`,
    'gi',
  ),
  compared: new RegExp(
    `(?<![\\w-])((?:${ordinary})(?:[- ]score)?)(?=\\s*(?:of|is|>=?|<=?|≥|≤|above|below|under|over|at least|=|:)\\s*\\.?\\d)`,
    'gi',
  ),
  metricNamed:
    /\bmetric(?:\s+is|\s*[:=]|\s+should be)\s*["'`]?([a-z][\w@-]{1,30}(?: [\w@-]{2,30}){0,2}?)(?=["'`]?\s*(?:[,.;:\n]|$|and\b|with\b|at\b|of\b|on\b|budget\b|[<>]))/gi,
  optimised:
    /\b(?:optimi[sz]e for|maximi[sz]e|minimi[sz]e)\s+(?:the |its |our )?([a-z][\w@-]{1,30}(?: (?:score|f1|rate|accuracy|error|loss))?)/gi,
};
const knownPatterns = known.map(([metric, pattern]) => ({
  metric,
  pattern: new RegExp(`(?<![\\w-])(?:${pattern})(?:[- ]score)?(?![\\w@-])`, 'gi'),
}));
/** "em" alone is also a casual "them": only with a word of measuring nearby. */
const em =
  /(?:\b(?:metric|measure|score|use|using|by|on|with|is)\W{1,3})(em)\b|\b(em)(?= (?:score|metric|is|of|on|at|above)\b)|^\W*(em)\W*$/gi;
const noMetric =
  /^(?:is|are|it|the|a|an|my|our|your|time|cost|costs|spending|budget|quality|this|that|these|what|how|you|we)$/i;

/** The metrics that a text names, those that cannot be measured here with `metric` null. */
export function findMetrics(text: string): Span[] {
  const spans: Span[] = [];
  const add = (start: number, said: string, metric: MetricName | null): void => {
    spans.push({ kind: 'metric', start, end: start + said.length, text: said, metric });
  };
  const addInner = (match: RegExpMatchArray): void => {
    const said = match.slice(1).find((group) => group !== undefined) ?? '';
    if (said === '' || noMetric.test(said)) return;
    add((match.index ?? 0) + match[0].lastIndexOf(said), said, null);
  };
  for (const { metric, pattern } of knownPatterns)
    for (const match of text.matchAll(pattern)) add(match.index, match[0], metric);
  for (const match of text.matchAll(em)) {
    const said = match[1] ?? match[2] ?? match[3] ?? '';
    add(match.index + match[0].lastIndexOf(said), said, 'exact_match');
  }
  for (const pattern of [patterns.qualified, patterns.qualifiedBehind, patterns.unmistakable])
    for (const match of text.matchAll(pattern))
      add(match.index, match[0], /^token/i.test(match[0]) ? 'token_f1' : null);
  for (const pattern of [patterns.measured, patterns.compared, patterns.metricNamed, patterns.optimised])
    for (const match of text.matchAll(pattern)) addInner(match);
  return spans;
}
