import type { IntakeEntry } from '../../researcher/port.ts';
import type { IntakeEntryRow } from '../../store/intake-entries.ts';

/** A message that was edited or deleted after it was heard. It stays as it was said, and this is read in its place. */
export interface Revision {
  kind: 'revision';
  /** Source of the entry that it replaces. */
  of: string;
  /** Null: deleted. */
  text: string | null;
  /** Names of the files that are still attached. */
  files: string[];
}

export type StoredEntry = IntakeEntry | Revision;

/** The conversation with who said what, each message as it stands now. */
export function saidEntries(stored: readonly IntakeEntryRow[]): IntakeEntry[] {
  const revisions = new Map<string, Revision>();
  for (const { entry } of stored)
    if ((entry as StoredEntry).kind === 'revision') revisions.set((entry as Revision).of, entry as Revision);
  return stored.flatMap((row): IntakeEntry[] => {
    const entry = row.entry as StoredEntry;
    if (entry.kind === 'revision') return [];
    const said = { ...entry, by: row.userId };
    const revision = revisions.get(row.source);
    if (revision === undefined || said.kind !== 'message') return [said];
    if (revision.text === null) return [];
    const { reading: _, ...message } = said;
    const files = message.files.filter(({ name }) => revision.files.includes(name));
    return [{ ...message, text: revision.text, files }];
  });
}

/** What is said about a conversation whose newest entry is a revision; empty for any other. */
export const revisionRemark = (stored: readonly IntakeEntryRow[]): string[] => {
  const last = stored.toSorted((a, b) => a.id - b.id).at(-1)?.entry as StoredEntry | undefined;
  if (last?.kind !== 'revision') return [];
  return [
    last.text === null
      ? 'You have deleted a message; this is what the others come to.'
      : 'You have edited your message; this is how I read it now.',
  ];
};
