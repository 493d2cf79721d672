import type { Marker, Role } from './roles.ts';

/** The values of each marker that mean "not to be trained on". CSV has texts where JSON has values. */
const heldBack: Record<Marker, (value: unknown) => boolean> = {
  // KTO marks a bad answer with it. A label of another kind is an ordinary column.
  label: (value) => value === false || isText(value, 'false'),
  weight: (value) => value === 0 || (typeof value === 'string' && value.trim() !== '' && Number(value) === 0),
  train: (value) => value === false || value === 0 || isText(value, 'false') || isText(value, '0'),
};

const isText = (value: unknown, text: string): boolean =>
  typeof value === 'string' && value.trim().toLowerCase() === text;

/** Whether a marker says that its row is not to be trained on. */
export const isHeldBack = (marker: Marker, value: unknown): boolean => heldBack[marker](value);

export const isMarker = (role: Role): role is Marker => Object.hasOwn(heldBack, role);
