/** Why a run ended. `exit` and `signal`: by itself; `start`: the program could not be started. */
const endings = ['exit', 'signal', 'start', 'timeout', 'out_of_memory', 'cancelled', 'lost'] as const;
export type Ending = (typeof endings)[number];

/** The end of a run: its exit.json. */
export interface Exit {
  why: Ending;
  code: number | null;
  signal: string | null;
  /** ISO 8601; null when the program never started. */
  startedAt: string | null;
  endedAt: string;
  /** Time from start to end by a monotonic clock, 0 or more; unset where none was read. */
  runSeconds?: number;
  /** One sentence, where there is more to say than `why`. */
  detail?: string;
}

/** A job can write its exit.json, so unreadable content means an unknown end, and never an error. */
export function parseExit(value: Record<string, unknown> | undefined): Exit {
  const why = endings.find((ending) => ending === value?.why);
  const startedAt = parseTime(value?.startedAt);
  const endedAt = parseTime(value?.endedAt);
  const runSeconds = value?.runSeconds;
  if (why === undefined || endedAt === null) {
    return {
      why: 'lost',
      code: null,
      signal: null,
      startedAt,
      endedAt: endedAt ?? startedAt ?? new Date(0).toISOString(),
      detail: 'Its exit.json cannot be read.',
    };
  }
  return {
    why,
    code: typeof value?.code === 'number' ? value.code : null,
    signal: typeof value?.signal === 'string' ? value.signal : null,
    startedAt,
    endedAt,
    ...(isSeconds(runSeconds) && { runSeconds }),
    ...(typeof value?.detail === 'string' && { detail: value.detail }),
  };
}

const isSeconds = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0;

/** ISO 8601, or null for anything else. */
export function parseTime(value: unknown): string | null {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value)) ? value : null;
}
