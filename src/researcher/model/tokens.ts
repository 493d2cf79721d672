/**
 * Tokens of a text, estimated as a third of its UTF-8 bytes: English is about four bytes a token, digits and JSON two
 * to three, so this is on the careful side for prompts like ours. No tokenizer is asked, because every server has its own.
 */
export const estimateTokens = (text: string): number => Math.ceil(Buffer.byteLength(text, 'utf8') / 3);
