import { correctWords } from '../../lib/parse/words.ts';

/** Maximum length of a command. */
export const maxCommandCharacters = 400;

/**
 * Before a command: greeting, name, politeness. A `?` after one of the questions among them does not make it a
 * question.
 */
const words =
  "please|pls|ok(?:ay)?|hey|hi|hello|@?trex|so|and|now|well|alright|right|yes|just|go ahead and|i(?:'d| would) like (?:you )?to|(?:i|we) want (?:you )?to|let'?s|let us";
const questions = 'could you|can you|would you|will you';
const lead = new RegExp(`^(?:(?:${words}|${questions})[\\s,:]+|no, )+`);
const politeQuestion = new RegExp(`^(?:(?:${words})[\\s,:]+)*(?:${questions})\\b`);
const trail =
  /(?:[\s,]*\b(?:please|pls|(?:right )?now|immediately|at once|asap|thanks|thank you|thx|then|for now|for today|ok(?:ay)?|trex))+$/;

/** Lower case without mentions; quotes of any kind as `"` and `'`. */
export function plainText(raw: string): string {
  const text = raw
    .replace(/<@[^>]*>/g, ' ')
    .toLowerCase()
    .replace(/[\u2018\u2019]/g, "'")
    .replace(/[\u201c\u201d\u201e\u00ab\u00bb]/g, '"')
    .replace(/:[a-z0-9_+-]+:|\p{Extended_Pictographic}\uFE0F?/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  // A text wholly in backticks: the bot itself writes commands so.
  return (/^`([^`]+)`[.!?]*$/.exec(text)?.[1] ?? text).trim();
}

/** The rest of a plain text without greeting, politeness and end marks; and whether it is asked, not said. */
export function tidy(plain: string): { text: string; isAsked: boolean } {
  const ended = plain.replace(/[\s!.,…]+$/, '');
  const isAsked = /\?[\s!?.]*$/.test(plain) && !politeQuestion.test(plain);
  const bare = ended.replace(/[\s!?.]+$/, '');
  const text = bare
    .replace(trail, '')
    .replace(/[\s!?.,]+$/, '')
    .replace(lead, '')
    .trim();
  return { text: text === '' ? bare : text, isAsked };
}

const vocabulary =
  `status pause resume continue stop cancel show summary summarize help budget raise increase lower approve reject
  focus concentrate minutes minute hours hour seconds dollars lora full only drop synthetic baseline training
  fine-tuning progress everything`.split(/\s+/);
/** Words one slip away from the vocabulary that mean something else. */
const keep = new Set(
  `shows shown pauses paused stops stopped step shop slow house filled fully fall fill story storm raised rise
  resumed continues continued cancelled cancels approved approves rejected rejects hello held helps focused
  your four stay state states`.split(/\s+/),
);

/** Repairs one-letter slips towards the words of commands. */
export const mendSlips = (text: string): string => correctWords(text, vocabulary, keep, 4);
