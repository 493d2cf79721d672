import type { Database } from '../../src/store/db.ts';
import { openPglite } from '../../src/store/open-pglite.ts';
import { openPostgres } from '../../src/store/open-postgres.ts';

/** Opens a database by its place: the address on a server, or the folder of an embedded one. */
export const openDatabase = (place: string): Promise<Database> =>
  place.startsWith('postgres:') ? openPostgres(place) : openPglite(place);
