import type { Cluster } from '../../cluster/port.ts';

const sliceBytes = 4 * 1024 * 1024;

/** A whole file of a run, slice by slice; null when it is not there. */
export async function readWhole(
  cluster: Pick<Cluster, 'read'>,
  key: string,
  name: string,
): Promise<string | null> {
  const parts: string[] = [];
  let offset = 0;
  for (;;) {
    const slice = await cluster.read(key, name, offset, sliceBytes);
    if (slice.size === 0 && offset === 0) return null;
    parts.push(slice.text);
    if (slice.nextOffset === offset || slice.nextOffset >= slice.size) return parts.join('');
    offset = slice.nextOffset;
  }
}
