import { makePglite } from './open-pglite.ts';

const dir = process.argv[2];
if (dir === undefined) throw new Error('usage: make-pglite <directory>');
await makePglite(dir);
