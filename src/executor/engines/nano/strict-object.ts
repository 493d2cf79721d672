import { JobFailure } from './outcome.ts';

interface NumberRange {
  min: number;
  max: number;
  integer?: boolean;
  /** The minimum itself is refused. */
  above?: boolean;
}

const anyText = /./;

/** Reads a JSON object field by field; a missing, wrong or unread field is refused in a sentence. */
export class StrictObject {
  readonly #path: string;
  readonly #fields: Record<string, unknown>;
  readonly #unread: Set<string>;

  constructor(path: string, value: unknown) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new JobFailure('bad_job', `${path} must be an object, not ${describe(value)}.`);
    }
    this.#path = path;
    this.#fields = value as Record<string, unknown>;
    this.#unread = new Set(Object.keys(value).filter((name) => this.#fields[name] !== undefined));
  }

  has(name: string): boolean {
    return this.#fields[name] !== undefined;
  }

  optional(name: string): unknown {
    this.#unread.delete(name);
    return this.#fields[name];
  }

  number(name: string, range: NumberRange): number {
    const value = this.#required(name);
    const inRange = typeof value === 'number' && value >= range.min && value <= range.max;
    if (!inRange || (range.above && value === range.min) || (range.integer && !Number.isInteger(value))) {
      const kind = range.integer ? 'a whole number' : 'a number';
      const low = range.above ? `above ${range.min}` : `from ${range.min}`;
      return this.#refuse(name, value, `${kind} ${low} to ${range.max}`);
    }
    return value;
  }

  boolean(name: string): boolean {
    const value = this.#required(name);
    return typeof value === 'boolean' ? value : this.#refuse(name, value, 'true or false');
  }

  text(name: string, pattern = anyText): string {
    const value = this.#required(name);
    const wanted = pattern === anyText ? 'a text that is not empty' : `a text like ${pattern.source}`;
    return typeof value === 'string' && pattern.test(value) ? value : this.#refuse(name, value, wanted);
  }

  literal<const T extends string | number>(name: string, allowed: readonly T[]): T {
    const value = this.#required(name);
    return allowed.find((one) => one === value) ?? this.#refuse(name, value, allowed.join(' or '));
  }

  /** A list without repetitions and with at least one entry. */
  literals<const T extends string>(name: string, allowed: readonly T[]): T[] {
    const values = this.list(name).map(
      (value) =>
        allowed.find((one) => one === value) ??
        this.#refuse<T>(name, value, `a list of ${allowed.join(', ')}`),
    );
    if (new Set(values).size < values.length) this.#refuse(name, values, 'a list that names each thing once');
    return values;
  }

  list(name: string): unknown[] {
    const value = this.#required(name);
    return Array.isArray(value) && value.length > 0
      ? value
      : this.#refuse(name, value, 'a list that is not empty');
  }

  /** Call last: fields that were not read are refused. */
  end(): void {
    const unknown = [...this.#unread];
    if (unknown.length > 0) {
      throw new JobFailure('bad_job', `${this.#path} has fields I do not know: ${unknown.join(', ')}.`);
    }
  }

  #required(name: string): unknown {
    const value = this.optional(name);
    if (value === undefined) throw new JobFailure('bad_job', `${this.#path} lacks the field ${name}.`);
    return value;
  }

  #refuse<T>(name: string, value: unknown, wanted: string): T {
    throw new JobFailure('bad_job', `${this.#path}: ${name} must be ${wanted}, not ${describe(value)}.`);
  }
}

function describe(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 60)}...` : text;
}
