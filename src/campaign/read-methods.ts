import { type TrainingMethod, trainingMethods } from './brief.ts';

/**
 * The effect of a sentence on training methods. `allowed` replaces the list, `banned` removes from it, `freed`
 * restores.
 */
export interface MethodWish {
  allowed: TrainingMethod[] | null;
  banned: TrainingMethod[];
  freed: TrainingMethod[];
}

const runs = `(?:[- ](?:runs?|branches|training|trials?|fine[- ]?tuning))?`;
/** How people name the methods, as patterns of lower-case text; adapters are LoRA of either kind. */
export const methodPatterns: [TrainingMethod[], string][] = [
  [
    ['full'],
    String.raw`full(?:[- ](?:weights?|parameters?))?(?:[- ]?(?:fine[- ]?tun\w*|training|ft|sft|tuning|runs?|branches))?`,
  ],
  [['qlora'], `qlora${runs}`],
  [['lora'], `lora${runs}`],
  [['lora', 'qlora'], `(?:adapters?|peft)${runs}`],
];
const anyMethod = `(?:${methodPatterns.map(([, pattern]) => pattern).join('|')})`;
const negation = `(?:no(?: more)?|drop|without|skip|avoid|ban|forget(?: about)?|stop(?: using| with)?|never|not|don'?t (?:use|try|do)|exclude|leave out|remove)(?: any| the| using)?`;

/** The methods for which a pattern around their name matches. */
const found = (text: string, around: (name: string) => string): TrainingMethod[] => {
  const named = methodPatterns.flatMap(([methods, name]) =>
    new RegExp(around(name), 'i').test(text) ? methods : [],
  );
  return trainingMethods.filter((method) => named.includes(method));
};

const quantized = /\b(?:q-lora|(?:4[- ]?bit|quantized) (?:lora|adapters?))\b/gi;

/**
 * Reads `LoRA only`, `no lora`, `full fine-tuning only`, `drop QLoRA`, `both methods`; null when the text says nothing
 * about methods.
 */
export function readMethods(said: string): MethodWish | null {
  const text = said.replace(quantized, 'qlora');
  const none: MethodWish = { allowed: null, banned: [], freed: [] };
  const allow = (allowed: TrainingMethod[]): MethodWish => ({ ...none, allowed });
  const listed = new RegExp(
    `\\b(?:${anyMethod},? (?:(?:and|or|plus|&) )?)+(?:and|or|plus|&) ${anyMethod}`,
    'i',
  ).exec(text)?.[0];
  const isNegated = new RegExp(`\\b${negation} ${anyMethod}`, 'i').test(text);
  if (listed !== undefined && !isNegated) return allow(found(listed, (name) => `\\b${name}\\b`));
  const only = found(
    text,
    (name) =>
      `\\b${name} only\\b|\\b(?:only|just|exclusively|nothing but)(?: use| do| try| with)? ${name}\\b`,
  );
  if (only.length > 0) return allow(only);
  if (/\b(?:all|every)(?: three| of the)? methods\b/i.test(text)) return allow([...trainingMethods]);
  if (/\bboth(?: of them| methods| kinds)?\b/i.test(text)) return allow(['full', 'lora']);
  const named = found(text, (name) => `\\bmethods?(?: is| are|:|=| to)? ?${name}\\b`);
  if (named.length > 0) return allow(named);
  const banned = found(text, (name) => `\\b${negation} ${name}\\b`);
  if (banned.length > 0) return { ...none, banned };
  const again = /\b(?:again|allow|allowed|bring back|is fine|is ok(?:ay)?|fine too)\b/i.test(text);
  const freed = again ? found(text, (name) => `\\b${name}\\b`) : [];
  if (freed.length > 0) return { ...none, freed };
  const used = found(text, (name) =>
    name.startsWith('full')
      ? `\\b(?:use|with|via|using|do|prefer) (?:a )?full[- ](?:fine|weight|parameter|training)`
      : `\\b(?:use|with|via|using|try|do|prefer) (?:a |an )?${name}\\b`,
  );
  return used.length > 0 ? allow(used) : null;
}
