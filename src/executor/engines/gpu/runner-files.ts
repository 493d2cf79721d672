import { readdirSync, readFileSync } from 'node:fs';

const folder = new URL('./runner/', import.meta.url);

/** The runner's modules. They are submitted with every run: nothing of ours is installed on a cluster. */
export function runnerFiles(): { name: string; text: string }[] {
  return readdirSync(folder)
    .filter((name) => /^trex_\w+\.py$/.test(name))
    .sort()
    .map((name) => ({ name, text: readFileSync(new URL(name, folder), 'utf8') }));
}
