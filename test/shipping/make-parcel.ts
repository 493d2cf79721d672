import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha256 } from '../../src/lib/hash.ts';
import type { Parcel } from '../../src/shipping/port.ts';

/** A folder with a parcel in it: weights of so many bytes, and two texts. */
export function makeParcel(weightsBytes = 3_000_000): { dir: string; parcel: Parcel } {
  const dir = mkdtempSync(join(tmpdir(), 'trex-parcel-'));
  const contents: Record<string, Buffer> = {
    'model.safetensors': Buffer.alloc(weightsBytes, 'weights '),
    'README.md': Buffer.from('---\nlicense: other\n---\n# Ünicode\n'),
    'report.md': Buffer.from('a report\n'),
  };
  const files = Object.entries(contents).map(([name, content]) => {
    writeFileSync(join(dir, name), content);
    return { name, path: join(dir, name), bytes: content.length, sha256: sha256(content) };
  });
  return { dir, parcel: { name: 'dates-to-iso-c-7f3a21', title: 'Round 5 of c-7f3a21', files } };
}
