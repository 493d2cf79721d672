/** How far a server holds its answer to a schema: by the schema itself, to JSON of any kind, or not at all. */
export type AnswerFormat = 'schema' | 'json' | 'text';

/** The features that a server of Chat Completions understands. */
export interface Dialect {
  format: AnswerFormat;
  /** The name of the limit on the answer; null: it knows none. */
  limit: 'max_completion_tokens' | 'max_tokens' | null;
  /** False: instructions go in front of the first message. */
  systemRole: boolean;
  /** False: it does not count tokens at the end of a stream. */
  streamUsage: boolean;
}

/** The dialect of OpenAI's own servers; tried first everywhere. */
export const newestDialect: Dialect = {
  format: 'schema',
  limit: 'max_completion_tokens',
  systemRole: true,
  streamUsage: true,
};

const lowerFormat: Record<AnswerFormat, AnswerFormat | null> = { schema: 'json', json: 'text', text: null };

type Step = { names: RegExp; lower: (dialect: Dialect) => Dialect | null };

/** Each thing that servers are known to refuse, and what takes its place. */
const steps: Step[] = [
  {
    names: /max_completion_tokens/i,
    lower: (d) => (d.limit === 'max_completion_tokens' ? { ...d, limit: 'max_tokens' } : null),
  },
  { names: /max_tokens/i, lower: (d) => (d.limit === 'max_tokens' ? { ...d, limit: null } : null) },
  {
    names: /stream_options|include_usage/i,
    lower: (d) => (d.streamUsage ? { ...d, streamUsage: false } : null),
  },
  {
    names: /response_format|json_schema|json_object|json mode|structured|grammar|schema|guided/i,
    lower: (d) => {
      const format = lowerFormat[d.format];
      return format === null ? null : { ...d, format };
    },
  },
  {
    names:
      /system (?:role|message|prompt|instruction)|role.{0,20}system|system.{0,20}role|roles must alternate|developer instruction/i,
    lower: (d) => (d.systemRole ? { ...d, systemRole: false } : null),
  },
];

/**
 * The dialect without the part that the server complained about; null when it named nothing that is left. After a
 * refusal without a reason nothing is guessed: it may be about the question, and plainer requests cost as much.
 */
export function plainerDialect(dialect: Dialect, complaint: string): Dialect | null {
  for (const { names, lower } of steps) {
    const plainer = names.test(complaint) ? lower(dialect) : null;
    if (plainer !== null) return plainer;
  }
  return null;
}
