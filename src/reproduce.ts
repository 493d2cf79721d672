import type { Config } from './config.ts';

export async function reproduce(_what: string, _config: Config): Promise<number> {
  throw new Error('placeholder');
}
