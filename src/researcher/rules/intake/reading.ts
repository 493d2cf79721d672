import type { BriefField } from '../../../campaign/brief.ts';
import type { IntakeInput } from '../../port.ts';
import type { Change, Draft } from './draft.ts';
import type { MarkedText } from './marked-text.ts';

/** The inputs of a reader besides the text. */
export interface Reading {
  input: IntakeInput;
  draft: Draft;
  /** The field asked for just before. */
  pending: BriefField | null;
}

/** Finds its field in free text; returns its meaning and the text without it, or null. */
export type Reader = (marked: MarkedText, reading: Reading) => { change: Change; rest: MarkedText } | null;

/** Reads a text that is known to be about one field: a click, an edit, a bare answer. Null: not understood. */
export type FieldReader = (text: string, reading: Reading) => Change | null;
