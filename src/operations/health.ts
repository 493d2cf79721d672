import type { Clock } from '../lib/clock.ts';

/** The parts that the bot cannot work without. */
export const healthParts = ['database', 'disk', 'cluster', 'chat'] as const;
export type HealthPart = (typeof healthParts)[number];

export interface Trouble {
  since: Date;
  /** One sentence, for people. */
  why: string;
}

/** State of the parts as this process saw them last; nothing of it survives a restart. */
export interface Health {
  /** @param why null: it answered as it should */
  note(part: HealthPart, why: string | null): void;
  /** Null while it answers, and before anybody looked. */
  trouble(part: HealthPart): Trouble | null;
  /** When anything was last noted of it; null before that. */
  notedAt(part: HealthPart): Date | null;
}

export function createHealth(clock: Clock): Health {
  const troubles = new Map<HealthPart, Trouble>();
  const noted = new Map<HealthPart, Date>();
  return {
    note: (part, why) => {
      const now = clock.now();
      noted.set(part, now);
      if (why === null) troubles.delete(part);
      else troubles.set(part, { since: troubles.get(part)?.since ?? now, why });
    },
    trouble: (part) => troubles.get(part) ?? null,
    notedAt: (part) => noted.get(part) ?? null,
  };
}
