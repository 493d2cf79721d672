/** NUL, which databases refuse, and lone surrogates, which no file can hold. */
const unusable = /[\0\p{Cs}]/u;

/** Whether a text is not empty and a file and a database can hold it. */
export const isUsableText = (text: string): boolean => text.trim() !== '' && !unusable.test(text);
