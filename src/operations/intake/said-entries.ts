import type { IntakeEntry, LateFiles, Revision } from '../../campaign/intake-entry.ts';
import type { IntakeEntryRow } from '../../store/intake-entries.ts';

/** The conversation with who said what, each message as it stands now. */
export function saidEntries(stored: readonly IntakeEntryRow[]): IntakeEntry[] {
  const revisions = new Map<string, Revision>();
  const late = new Map<string, LateFiles>();
  for (const { entry } of stored) {
    if (entry.kind === 'revision') revisions.set(entry.of, entry);
    if (entry.kind === 'files') late.set(entry.of, entry);
  }
  return stored.flatMap((row): IntakeEntry[] => {
    const { entry } = row;
    if (entry.kind === 'revision' || entry.kind === 'files') return [];
    const said = { ...entry, by: row.userId };
    const [revision, added] = [revisions.get(row.source), late.get(row.source)];
    if ((revision === undefined && added === undefined) || said.kind !== 'message') return [said];
    if (revision?.text === null) return [];
    const { reading: _, ...message } = said;
    const files = [...message.files, ...(added?.files ?? [])];
    return [
      {
        ...message,
        text: revision?.text ?? message.text,
        files: files.filter(({ name }) => revision?.files.includes(name) ?? true),
      },
    ];
  });
}

/** The remark about a conversation whose newest entry is a revision; empty for any other. */
export const revisionRemark = (stored: readonly IntakeEntryRow[]): string[] => {
  const last = stored.toSorted((a, b) => a.id - b.id).at(-1)?.entry;
  if (last?.kind !== 'revision') return [];
  return [
    last.text === null
      ? 'You have deleted a message; this is what the others come to.'
      : 'You have edited your message; this is how I read it now.',
  ];
};
