import type { Cluster } from '../../cluster/port.ts';

const sliceBytes = 4 * 1024 * 1024;

/** A file of a run up to about so many bytes, slice by slice; null when it is not there. */
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
