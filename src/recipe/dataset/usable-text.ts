/** NUL, which databases refuse, and half characters, which no file can hold. */
const unusable = /[\0\p{Cs}]/u;

/** Not empty, and nothing in it that a file or a database cannot hold. */
export const isUsableText = (text: string): boolean => text.trim() !== '' && !unusable.test(text);
