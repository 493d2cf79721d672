import type { AmountSpan } from '../../../../lib/parse/span.ts';
import type { MetricName } from '../../../../scoring/types.ts';

/**
 * The meaning of a stretch of a request by itself. Roles (budget, target, data …) take spans by the words around them.
 */
export type Span =
  | AmountSpan
  | ({ start: number; end: number; text: string } & (
      | { kind: 'price'; usd: number; perGpu: boolean }
      /** `isRange`: the readings are its beginning and its end. */
      | { kind: 'moment'; readings: Date[]; isRange: boolean }
      /** A file by its name, without folders. */
      | { kind: 'file'; name: string }
      /** A link, an address of an object store, a path, or the id of a data set of a hub. */
      | { kind: 'address'; store: string }
      /** `id` null: none of the models here; several when the words fit more than one. */
      | { kind: 'model'; ids: string[] }
      /** `metric` null: one that cannot be measured. */
      | { kind: 'metric'; metric: MetricName | null }
      | { kind: 'method' }
      | { kind: 'setting' }
      | { kind: 'columns'; prompt: string; completion: string }
    ));

/** The letter of a kind in marked text, `⟦m0⟧`. */
export const letters: Record<Span['kind'], string> = {
  usd: 'm',
  foreign: 'x',
  time: 't',
  gpuTime: 'g',
  price: 'p',
  moment: 'd',
  file: 'f',
  address: 'u',
  model: 'b',
  metric: 'e',
  method: 'o',
  setting: 'h',
  columns: 'k',
};
