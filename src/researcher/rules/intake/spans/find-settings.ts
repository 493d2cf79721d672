import type { Span } from './span.ts';

const number = String.raw`(?:\d[\d.,]*(?:e[+-]?\d+)?k?|\.\d+(?:e[+-]?\d+)?)%?`;
const named = `learning[- ]rates?|lr|(?:micro[- ]?|global |effective |per[- ]device )?batch(?:[- _]?size)?|lora[-_](?:rank|alpha|r|dropout)|rank|alpha|dropout|warm-?up(?:[-_ ](?:ratio|steps))?|weight[-_ ]decay|(?:num[-_ ])?epochs?|(?:random )?seed|max(?:imum)?[-_ ](?:seq(?:uence)?[-_ ])?len(?:gth)?|seq(?:uence)?[-_ ]len(?:gth)?|context(?:[- ](?:length|window|size))?|grad(?:ient)?[-_ ]acc(?:um(?:ulation)?)?(?:[-_ ]steps)?|(?:grad(?:ient)?[-_ ])?clip(?:ping)?|temperature|top[-_ ]?[pk]|momentum|beta[12]?|adam[-_ ]epsilon|max[-_ ]steps|steps|label smoothing|neftune(?: noise)?(?: alpha)?`;
const patterns = [
  new RegExp(
    `(?<![\\w-])(?:${named})(?: of| is| to| at|\\s*[:=])?\\s*${number}(?:\\s*(?:to|or|,|and|-)\\s*${number}(?=\\s*(?:[,.;]|$)))?(?![\\w])`,
    'gi',
  ),
  /(?<![\w-])[ra]\s*=\s*\d+(?![\w.])/gi,
  /(?<![\w.])\d[\d.,]*\s?(?:training )?(?:epochs?|(?:warm-?up |gradient |training )?steps)\b/gi,
  /(?<![\w-])(?:one|two|three|four|five|six|ten) epochs?\b/gi,
  /(?<![\w-])(?:optimi[sz]er\s*[:=]?\s*\w+|(?:paged[-_ ])?adamw?(?:[-_ ]8bit)?|adafactor|muon|lion optimi[sz]er|(?:cosine|linear|constant)(?: lr| learning rate)? (?:schedule\w*|decay)|bf16|fp16|fp8|flash[- ]?attention(?:[- ]?\d)?|deepspeed(?: zero[- ]?\d)?|zero[- ]?[123]|fsdp|gradient checkpointing|sequence packing|early stopping|target modules?|all[- ]linear)(?![\w-])/gi,
];

/** Hyperparameters with their value, and named ways of training: `learning rate 2e-4`, `r=16`, `3 epochs`, `bf16`. */
export function findSettings(text: string): Span[] {
  return patterns.flatMap((pattern) =>
    [...text.matchAll(pattern)].map((match): Span => {
      const said = match[0].replace(/[.,\s]+$/, '');
      return { kind: 'setting', start: match.index, end: match.index + said.length, text: said };
    }),
  );
}

const methods =
  /(?<![\w-])(?:kto|orpo|ppo|simpo|ipo|cpo|rlhf|rlaif|bco|dora|adalora|rs-?lora|galore|ia3|bitfit|prefix[- ]tuning|prompt[- ]tuning|p-tuning(?: v2)?|(?:knowledge )?distillation|distill(?:ing|ed)?|continued pre-?training|pre-?training|model merging|quantization[- ]aware training|mixture of experts)(?![\w-])/gi;

/** Ways of training that this bot does not know. */
export const findMethods = (text: string): Span[] =>
  [...text.matchAll(methods)].map(
    (match): Span => ({
      kind: 'method',
      start: match.index,
      end: match.index + match[0].length,
      text: match[0],
    }),
  );
