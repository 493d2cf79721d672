import { TrexError } from '../../lib/errors.ts';

/** Why a language model gave no usable answer, and how a sentence names it. */
export const modelFailures = {
  timeout: 'it took too long',
  unreachable: 'it could not be reached',
  cut_off: 'its answer broke off',
  rate_limited: 'it is limiting our requests',
  server_error: 'it reported an error of its own',
  unauthorised: 'it does not accept our key',
  no_credit: 'its account has no credit left',
  no_model: 'it has no model of the configured name',
  prompt_too_long: 'the question was longer than it can read',
  no_limit: 'it takes no limit on its answers, which the cap on thinking needs',
  rejected: 'it does not accept our requests',
  refused: 'it refused to answer',
  too_long: 'its answer was longer than allowed',
  bad_answer: 'its answers could not be used',
  cap_reached: 'the limit for thinking is reached',
  resting: 'it failed a moment ago',
  stopping: 'the bot is stopping',
} as const;
export type ModelFailure = keyof typeof modelFailures;

const misconfigured: ReadonlySet<ModelFailure> = new Set([
  'unauthorised',
  'no_credit',
  'no_model',
  'no_limit',
  'rejected',
]);

/**
 * A call or a question to a language model failed. Its message quotes nothing from the server, which may include a key.
 */
export class ModelError extends TrexError {
  declare readonly code: ModelFailure;
  /** The server's message, cut and without secrets: for the log and to find out what it does not support. */
  readonly detail: string;
  /** How long the server asked us to wait, milliseconds; null when it did not say. */
  readonly retryAfterMs: number | null;

  /** The parameter of the request that the server named as the one it refuses; null when it named none. */
  readonly parameter: string | null;

  constructor(
    code: ModelFailure,
    options: { detail?: string; retryAfterMs?: number | null; parameter?: string | null } = {},
  ) {
    super(code, misconfigured.has(code) ? 'config' : 'provider', sentenceOf(code));
    this.detail = options.detail ?? '';
    this.retryAfterMs = options.retryAfterMs ?? null;
    this.parameter = options.parameter ?? null;
  }
}

const sentenceOf = (code: ModelFailure): string =>
  `The language model gave no usable answer: ${modelFailures[code]}.`;

/** True when the same request may succeed at once. */
export const isTransient = ({ code }: ModelError): boolean =>
  code === 'timeout' ||
  code === 'unreachable' ||
  code === 'cut_off' ||
  code === 'rate_limited' ||
  code === 'server_error';
