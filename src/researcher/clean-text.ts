/** Text from outside, made harmless: hidden or redirecting parts are removed, and so is anything like a secret. */

import { clip, clipLine } from '../lib/text.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is removed
const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;
/** Zero-width characters, marks of writing direction, variations and tags: people do not see them and models read them. */
const invisible = /[\p{Default_Ignorable_Code_Point}\p{Cf}\p{Variation_Selector}]/gu;
const htmlComments = /<!--[\s\S]*?(?:-->|$)/g;
/** Left where removing a comment put another one together: `<!<!-- -->-- hidden -->`. */
const builtComment = /<!--[\s\S]*$/;

const secrets: RegExp[] = [
  /\bsk-[A-Za-z0-9_-]{16,}/g,
  /\bxox[abeoprs]-[A-Za-z0-9-]{8,}/g,
  /\bxapp-[A-Za-z0-9-]{8,}/g,
  /\bhf_[A-Za-z0-9]{16,}/g,
  /\bgh[pousr]_[A-Za-z0-9]{20,}/g,
  /\bgithub_pat_[A-Za-z0-9_]{20,}/g,
  /\bglpat-[A-Za-z0-9_-]{16,}/g,
  /\bA(?:KIA|SIA)[A-Z0-9]{16}\b/g,
  /\bAIza[A-Za-z0-9_-]{30,}/g,
  /\beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{5,}/g,
  /\bBearer\s+[A-Za-z0-9._~+/-]{16,}=*/gi,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
  /\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@]+:[^\s/@]+@/gi,
];

/** Keys, tokens and passwords in addresses become `[secret]`. */
export const withoutSecrets = (text: string): string =>
  secrets.reduce((rest, pattern) => rest.replace(pattern, '[secret]'), text);

/** Read beyond four times the limit, so that removed parts make room for the text behind them. */
const roomForRemoved = 20_000;

function removeHidden(text: string, max: number): string {
  // Comments last, or a hidden character inside `<!--` would save one.
  const visible = text
    .slice(0, max * 4 + roomForRemoved)
    .normalize('NFC')
    .replace(/\r\n?/g, '\n')
    .replace(controls, '')
    .replace(invisible, '')
    .replace(/\p{Surrogate}/gu, '\ufffd')
    .replace(htmlComments, '')
    .replace(builtComment, '');
  return withoutSecrets(visible);
}

/** Untrusted text, for a prompt or for people: nothing invisible, no comments, no secrets, at most `max` characters. */
export const cleanText = (text: string, max: number): string => clip(removeHidden(text, max), max);

/** The same on one line. */
export const cleanLine = (text: string, max: number): string =>
  clipLine(removeHidden(oneLine(text), max), max);

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim();

/**
 * A model's text for people: one line, nothing that Slack reads as a mention or as a link to press, nothing invisible,
 * no secrets. The surface escapes it once more.
 */
export function cleanAnswer(text: string, maxCharacters: number): string {
  const plain = cleanLine(text, maxCharacters * 2)
    .replace(/<[!@#][^>]*>?/g, '[mention removed]')
    .replace(/<?\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s>|]*(?:\|[^>]*)?>?/gi, '[link removed]')
    .replaceAll('://', ':')
    .replace(/\bmailto:\S+/gi, '[link removed]')
    .replace(/(^|[^\p{L}\p{N}])@(?=[\p{L}\p{N}])/gu, '$1')
    .replace(/[<>]/g, (c) => (c === '<' ? '‹' : '›'));
  return cleanLine(plain, maxCharacters);
}
