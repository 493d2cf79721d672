import { join } from 'node:path';
import type { Context } from '../context.ts';

/** The folder on this machine with the files of a job's run. */
export const runFolder = (ctx: Context, key: string): string => join(ctx.settings.dataDir, 'runs', key);
