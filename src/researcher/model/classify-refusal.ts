import type { ModelFailure } from './model-error.ts';

/** An answer of the server in the 4xx range. `message` holds its sentence and, where it has them, its code and parameter. */
export interface Refusal {
  status: number;
  message: string;
}

/** Codes and sentences of servers and proxies; the first that matches decides. */
const kinds: [ModelFailure, RegExp][] = [
  [
    'prompt_too_long',
    /context_length_exceeded|(?:maximum|max(?:imum)? model|exceeds?.{0,40}) (?:context|input|prompt)[ _-]?(?:length|window|size|tokens)?|context (?:length|window|size)|(?:prompt|input|request|message)s? (?:is|are|was)? ?too (?:long|large)|too many (?:input )?tokens|string_above_max_length/i,
  ],
  [
    'refused',
    /content[ _-]?(?:filter|management|policy)|responsible ?ai|moderation|safety (?:system|filter|policy)|content was (?:blocked|flagged)/i,
  ],
  [
    'no_credit',
    /insufficient[ _-]?(?:quota|credits?|funds|balance)|out of credits?|credit balance|exceeded your current quota|billing|payment required/i,
  ],
  [
    'no_model',
    /model[ _-]?not[ _-]?found|(?:no such|unknown|invalid) model|model\b.{0,120}\b(?:does not exist|not found|is not available|not a valid model)/i,
  ],
];

/**
 * Classifies a refused request. A refusal that speaks of the question, the account or the model says nothing about the
 * dialect; `rejected` is any other, and may name a parameter that the server does not know.
 */
export function classifyRefusal({ status, message }: Refusal): ModelFailure {
  if (status === 402) return 'no_credit';
  if (status === 413) return 'prompt_too_long';
  for (const [code, pattern] of kinds) if (pattern.test(message)) return code;
  if (status === 401 || status === 403) return 'unauthorised';
  if (status === 404) return 'no_model';
  return 'rejected';
}
