import { fold, type Layout } from './choose-columns.ts';

/** The role of a column in a row. A number is its place in the prompt. */
export type Role = number | 'completion' | 'rejected' | 'system' | 'history' | 'tools' | Marker;
/** Columns that say that a row is not to be trained on. */
export type Marker = 'label' | 'weight' | 'train';

const byName: Record<string, Role> = {
  rejected: 'rejected',
  system: 'system',
  system_prompt: 'system',
  system_message: 'system',
  history: 'history',
  tools: 'tools',
  functions: 'tools',
  label: 'label',
  weight: 'weight',
  train: 'train',
};

/** The role of each column by its spelling, remembered: files have few columns and many rows. */
export function createRoles(layout: Layout): (name: string) => Role | null {
  const known = new Map<string, Role | null>();
  const roleOf = (name: string): Role | null => {
    const place = layout.prompts.findIndex((prompt) => fold(prompt) === fold(name));
    if (place >= 0) return place;
    if (fold(layout.completion) === fold(name)) return 'completion';
    if (layout.system !== undefined && fold(layout.system) === fold(name)) return 'system';
    const role = byName[fold(name).replace(/[\s-]+/g, '_')] ?? null;
    return role === 'system' && layout.system !== undefined ? null : role;
  };
  return (name) => {
    const before = known.get(name);
    if (before !== undefined) return before;
    const role = roleOf(name);
    known.set(name, role);
    return role;
  };
}
