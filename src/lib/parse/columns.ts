/** The columns of a file that a text asks for, in the file's own spelling. */
export interface FoundColumns {
  start: number;
  end: number;
  text: string;
  prompt: string;
  completion: string;
}

const name = String.raw`["'\x60“”]?([\w.-]{1,60})["'\x60“”]?`;
const promptWord = '(?:the )?(?:prompts?|inputs?|questions?|instructions?|source)';
const answerWord = '(?:the )?(?:completions?|outputs?|answers?|labels?|targets?|responses?)';
const columnPatterns: { pattern: RegExp; promptFirst: boolean }[] = [
  {
    pattern: new RegExp(
      `${name}(?: column| field)?(?: as| is| for|:|=|->|→) ${promptWord},?(?: and)? ${name}(?: column| field)?(?: as| is| for|:|=|->|→) ${answerWord}(?![\\w-])`,
      'gi',
    ),
    promptFirst: true,
  },
  {
    pattern: new RegExp(
      `${name}(?: column| field)?(?: as| is| for|:|=|->|→) ${answerWord},?(?: and)? ${name}(?: column| field)?(?: as| is| for|:|=|->|→) ${promptWord}(?![\\w-])`,
      'gi',
    ),
    promptFirst: false,
  },
  {
    pattern: new RegExp(
      `(?<![\\w-])${promptWord}(?: column| field)?(?: is|\\s*[:=]) ?(?:column )?${name},?(?: and)? ${answerWord}(?: column| field)?(?: is|\\s*[:=]) ?(?:column )?${name}`,
      'gi',
    ),
    promptFirst: true,
  },
  { pattern: new RegExp(`\\bcolumns? ${name} ?(?:->|→|=>|to) ?${name}`, 'gi'), promptFirst: true },
  {
    pattern: new RegExp(`\\bfrom (?:the )?column ${name},?(?: to| predict)? (?:the )?column ${name}`, 'gi'),
    promptFirst: true,
  },
];

/** `use review as prompt and sentiment as completion`, `prompt is review, label is sentiment`, `columns review -> sentiment`. */
export function findColumns(text: string): FoundColumns[] {
  return columnPatterns.flatMap(({ pattern, promptFirst }) =>
    [...text.matchAll(pattern)].map((match): FoundColumns => {
      const [first = '', second = ''] = [match[1], match[2]];
      const [prompt, completion] = promptFirst ? [first, second] : [second, first];
      return {
        start: match.index,
        end: match.index + match[0].length,
        text: match[0],
        prompt,
        completion,
      };
    }),
  );
}
