import { z } from 'zod';

/** One string or several, as cards have them; anything else is as good as absent. */
export const oneOrMany = z
  .union([z.string(), z.array(z.string())])
  .nullish()
  .catch(null)
  .transform((value) => (value == null ? [] : [value].flat().filter((word) => word !== '')));

/** `false`, or how access is asked for; null when the answer does not say. */
export const Gating = z
  .union([z.boolean(), z.string()])
  .nullish()
  .transform((value) => (value == null ? null : value !== false));

/** An owner and a name, or a name alone; nothing that could lead to another address. */
export const RepoId = z.string().regex(/^[\w.-]{1,96}(?:\/[\w.-]{1,96})?$/);

export const repoPath = (id: string): string => id.split('/').map(encodeURIComponent).join('/');

/** From the card, else from the tag `license:apache-2.0`; null when neither says. */
export function licenceOf(card: readonly string[], tags: readonly string[]): string | null {
  const tagged = tags.flatMap((tag) => (tag.startsWith('license:') ? [tag.slice('license:'.length)] : []));
  const all = card.length > 0 ? card : tagged;
  return all.length === 0 ? null : all.join(', ');
}
