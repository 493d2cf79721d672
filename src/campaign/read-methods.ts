import type { TrainingMethod } from './brief.ts';

/** What a sentence says about training methods. `allowed` replaces the list, `banned` takes from it, `freed` gives back. */
export interface MethodWish {
  allowed: TrainingMethod[] | null;
  banned: TrainingMethod[];
  freed: TrainingMethod[];
}

const full = String.raw`full(?:[- ](?:weights?|parameters?))?(?:[- ]?(?:fine[- ]?tun\w*|training|ft|sft|tuning|runs?|branches))?`;
const lora = `(?:q?lora|adapters?|peft)(?:[- ](?:runs?|branches|training|trials?|fine[- ]?tuning))?`;
const negation = `(?:no(?: more)?|drop|without|skip|avoid|ban|forget(?: about)?|stop(?: using| with)?|never|not|don'?t (?:use|try|do)|exclude|leave out|remove)(?: any| the| using)?`;

const either = (pattern: string): RegExp => new RegExp(`\\b${pattern}`, 'i');
const onlyOf = (what: string): RegExp =>
  new RegExp(
    `\\b${what} only\\b|\\b(?:only|just|exclusively|nothing but)(?: use| do| try| with)? ${what}\\b`,
    'i',
  );

/** Reads `LoRA only`, `no lora`, `full fine-tuning only`, `drop LoRA`, `both methods`; null when nothing is said. */
export function readMethods(text: string): MethodWish | null {
  const none: MethodWish = { allowed: null, banned: [], freed: [] };
  if (onlyOf(lora).test(text)) return { ...none, allowed: ['lora'] };
  if (onlyOf(full).test(text)) return { ...none, allowed: ['full'] };
  if (
    /\bboth(?: of them| methods| kinds)?\b/i.test(text) ||
    either(`${full} (?:and|or|plus|&) ${lora}`).test(text)
  )
    return { ...none, allowed: ['full', 'lora'] };
  if (either(`${lora} (?:and|or|plus|&) ${full}`).test(text)) return { ...none, allowed: ['full', 'lora'] };
  const named = /\bmethods?(?: is| are|:|=| to)? ?(full|lora)\b/i.exec(text)?.[1]?.toLowerCase();
  if (named) return { ...none, allowed: [named === 'lora' ? 'lora' : 'full'] };
  const banned: TrainingMethod[] = [];
  if (either(`${negation} ${full}`).test(text) && /\bfull\b/i.test(text)) banned.push('full');
  if (either(`${negation} ${lora}`).test(text)) banned.push('lora');
  if (banned.length > 0) return { ...none, banned };
  const freed: TrainingMethod[] = [];
  const again = /\b(?:again|allow|allowed|bring back|is fine|is ok(?:ay)?|fine too)\b/i.test(text);
  if (again && either(lora).test(text)) freed.push('lora');
  if (again && either(full).test(text)) freed.push('full');
  if (freed.length > 0) return { ...none, freed };
  if (either(`(?:use|with|via|using|try|do|prefer) (?:a |an )?${lora}`).test(text))
    return { ...none, allowed: ['lora'] };
  if (either(`(?:use|with|via|using|do|prefer) (?:a )?full[- ](?:fine|weight|parameter|training)`).test(text))
    return { ...none, allowed: ['full'] };
  return null;
}
