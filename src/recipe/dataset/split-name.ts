const evaluation =
  /^(?:eval(?:uation)?|test(?:ing|set)?|valid(?:ation)?|val|dev(?:elopment)?|held[-_ ]?out|holdout)$/i;
const train = /^(?:train(?:ing|set)?|learn)$/i;

/** The split that a name gives its rows: `test`, `data/train.jsonl`, `my_eval-v2.csv`. Null: none, or both. */
export function splitNamed(name: string): 'train' | 'evaluation' | null {
  const words = name
    .split(/[^\p{L}\p{N}]+/u)
    .flatMap((word, i, all) => [word, `${word}-${all[i + 1] ?? ''}`]);
  const isEvaluation = words.some((word) => evaluation.test(word));
  const isTrain = words.some((word) => train.test(word));
  if (isEvaluation === isTrain) return null;
  return isTrain ? 'train' : 'evaluation';
}
