import type { Marker, Role } from './roles.ts';

/** What each marker says where it means "not to be trained on". CSV has texts where JSON has values. */
const heldBack: Record<Marker, (value: unknown) => boolean> = {
  // Of KTO: a bad answer. A label of another kind is a column like any other.
  label: (value) => value === false || isText(value, 'false'),
  weight: (value) => value === 0 || (typeof value === 'string' && value.trim() !== '' && Number(value) === 0),
  train: (value) => value === false || value === 0 || isText(value, 'false') || isText(value, '0'),
};

const isText = (value: unknown, text: string): boolean =>
  typeof value === 'string' && value.trim().toLowerCase() === text;

/** Whether a marker says that its row is not to be trained on. */
export const isHeldBack = (marker: Marker, value: unknown): boolean => heldBack[marker](value);

export const isMarker = (role: Role): role is Marker => Object.hasOwn(heldBack, role);
