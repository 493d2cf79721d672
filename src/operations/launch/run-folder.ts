import { join } from 'node:path';
import type { Context } from '../context.ts';

/** Where this machine keeps the files of a job's run. */
export const runFolder = (ctx: Context, key: string): string => join(ctx.settings.dataDir, 'runs', key);
