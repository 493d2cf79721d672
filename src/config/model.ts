import { badConfig, type Env } from './environment.ts';

/** Dollars per million tokens; null where the price is not known. */
type Price = { inputUsd: number; outputUsd: number } | null;

/** The language model of the Researcher, at a server that speaks Chat Completions. */
export interface ModelConfig {
  baseUrl: string;
  /** The model that plans nodes. */
  strong: { model: string; price: Price };
  /** The model that reads messages and results. */
  small: { model: string; price: Price };
  timeoutMs: number;
  retries: number;
  maxOutputTokens: number;
  promptTokens: number;
  /** Limit of one campaign. */
  cap: { tokens: number; usd: number | null };
}

/** The program that runs the code, and the name or path of Python inside it. */
export interface SandboxConfig {
  sandbox: { kind: 'bwrap' } | { kind: 'container'; words: string[] };
  python: string;
}

/** A model is used only when it is named: a key that is in the environment for other programs causes no request. */
export function modelOf(env: Env): ModelConfig | null {
  const { TREX_MODEL: model, OPENAI_API_KEY: key, OPENAI_BASE_URL: baseUrl } = env;
  const dependent = [
    'TREX_SMALL_MODEL',
    'TREX_MODEL_PRICE',
    'TREX_SMALL_MODEL_PRICE',
    'TREX_THINKING_CAP_USD',
    'OPENAI_BASE_URL',
  ] as const;
  if (model === undefined) {
    const orphan = dependent.find((name) => env[name] !== undefined);
    if (orphan !== undefined)
      throw badConfig([
        `TREX_MODEL is missing, and ${orphan} is set. Name the model, or unset it for the rules`,
      ]);
    return null;
  }
  if (key === undefined && baseUrl === undefined) {
    throw badConfig([
      'OPENAI_API_KEY is missing, and TREX_MODEL is set. Set the key, or OPENAI_BASE_URL for a server of your own',
    ]);
  }
  const price = priceOf('TREX_MODEL_PRICE', env.TREX_MODEL_PRICE);
  const smallModel = env.TREX_SMALL_MODEL ?? model;
  const smallPrice =
    smallModel === model ? price : priceOf('TREX_SMALL_MODEL_PRICE', env.TREX_SMALL_MODEL_PRICE);
  const usd = env.TREX_THINKING_CAP_USD ?? null;
  if (usd !== null && (price === null || smallPrice === null)) {
    throw badConfig([
      `TREX_THINKING_CAP_USD cannot be kept without a price. Set ${price === null ? 'TREX_MODEL_PRICE' : 'TREX_SMALL_MODEL_PRICE'}, such as \`0.25 / 2\`, or limit tokens with TREX_THINKING_CAP_TOKENS`,
    ]);
  }
  return {
    baseUrl: (baseUrl ?? 'https://api.openai.com/v1').replace(/\/$/, ''),
    strong: { model, price },
    small: { model: smallModel, price: smallPrice },
    timeoutMs: env.TREX_MODEL_TIMEOUT_SECONDS * 1000,
    retries: env.TREX_MODEL_RETRIES,
    maxOutputTokens: env.TREX_MODEL_OUTPUT_TOKENS,
    promptTokens: env.TREX_MODEL_PROMPT_TOKENS,
    cap: { tokens: env.TREX_THINKING_CAP_TOKENS, usd },
  };
}

function priceOf(name: string, value: string | undefined): Price {
  if (value === undefined) return null;
  const match = /^\$?(\d+(?:\.\d+)?)\s*\/\s*\$?(\d+(?:\.\d+)?)$/.exec(value);
  if (match === null) {
    throw badConfig([
      `${name}: ${value} is not a price of a million tokens in and out such as \`0.25 / 2\` (dollars; \`0 / 0\` is free)`,
    ]);
  }
  return { inputUsd: Number(match[1]), outputUsd: Number(match[2]) };
}

export function sandboxOf(env: Env): SandboxConfig | null {
  const { TREX_PYTHON_MAP: kind, TREX_PYTHON_MAP_CONTAINER: container, TREX_PYTHON_MAP_PYTHON: python } = env;
  if (container !== undefined && kind !== 'container')
    throw badConfig([
      `TREX_PYTHON_MAP_CONTAINER is set, and TREX_PYTHON_MAP is ${kind}. Set TREX_PYTHON_MAP=container, or unset it`,
    ]);
  if (kind === 'off') return null;
  if (env.TREX_MODEL === undefined)
    throw badConfig([
      `TREX_MODEL is missing, and TREX_PYTHON_MAP is ${kind}: only a language model writes code. Name the model, or set TREX_PYTHON_MAP=off`,
    ]);
  if (kind === 'bwrap') return { sandbox: { kind }, python };
  if (container === undefined)
    throw badConfig([
      'TREX_PYTHON_MAP_CONTAINER is missing, and TREX_PYTHON_MAP is container. Give the words before Python, such as `apptainer exec --containall --net --network none /images/python.sif`',
    ]);
  return { sandbox: { kind, words: container.split(/\s+/) }, python };
}
