import { fileURLToPath } from 'node:url';

/** One folder for both databases, made by `npm run db:generate`; forward only. */
export const migrationsFolder = fileURLToPath(new URL('../../migrations', import.meta.url));

/** Two instances that start together migrate once: drizzle's migrator alone failed 21 of 30 concurrent starts. */
export const migrationLock = 'trex_migrate';
