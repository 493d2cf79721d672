import type { Cluster } from '../../cluster/port.ts';

const sliceBytes = 4 * 1024 * 1024;

/** Reads a run's file in slices, up to about `maxBytes`; null when it is missing. */
export async function readWhole(
  cluster: Pick<Cluster, 'read'>,
  key: string,
  name: string,
  most = Number.POSITIVE_INFINITY,
): Promise<string | null> {
  const parts: string[] = [];
  let offset = 0;
  for (;;) {
    const slice = await cluster.read(key, name, offset, sliceBytes);
    if (slice.size === 0 && offset === 0) return null;
    parts.push(slice.text);
    if (slice.nextOffset === offset || slice.nextOffset >= Math.min(slice.size, most)) return parts.join('');
    offset = slice.nextOffset;
  }
}
