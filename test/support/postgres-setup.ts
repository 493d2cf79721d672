import { findPostgres, serverVariable, startPostgres } from './postgres.ts';

/** One server for a whole run; its test files make their databases on it. */
export default async function setup(): Promise<(() => Promise<void>) | undefined> {
  const bin = findPostgres();
  if (bin === null) return undefined;
  const server = await startPostgres(bin);
  process.env[serverVariable] = server.url('postgres');
  return () => server.stop();
}
