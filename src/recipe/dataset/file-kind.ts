const kinds: { magic: number[]; kind: string }[] = [
  { magic: [0x50, 0x4b, 0x05, 0x06], kind: 'an empty zip file' },
  { magic: [0xd0, 0xcf, 0x11, 0xe0], kind: 'an old Office file (xls, doc)' },
  { magic: [0x41, 0x52, 0x52, 0x4f, 0x57, 0x31], kind: 'an Arrow file' },
  { magic: [0x4f, 0x62, 0x6a, 0x01], kind: 'an Avro file' },
  { magic: [0x53, 0x51, 0x4c, 0x69, 0x74, 0x65, 0x20], kind: 'an SQLite database' },
  { magic: [0x28, 0xb5, 0x2f, 0xfd], kind: 'a zstd file' },
  { magic: [0x42, 0x5a, 0x68], kind: 'a bzip2 file' },
  { magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a], kind: 'an xz file' },
  { magic: [0x37, 0x7a, 0xbc, 0xaf], kind: 'a 7z file' },
  { magic: [0x25, 0x50, 0x44, 0x46], kind: 'a PDF' },
  { magic: [0x89, 0x50, 0x4e, 0x47], kind: 'a picture' },
  { magic: [0xff, 0xd8, 0xff], kind: 'a picture' },
  { magic: [0x47, 0x49, 0x46, 0x38], kind: 'a picture' },
];

/** The kind of a binary file in words; null when it may be text. Reads the first 8 kB. */
export function binaryKind(bytes: Uint8Array): string | null {
  for (const { magic, kind } of kinds) if (magic.every((byte, i) => bytes[i] === byte)) return kind;
  if (Buffer.from(bytes.subarray(257, 262)).toString('latin1') === 'ustar') return 'a tar file';
  return bytes.subarray(0, 8192).includes(0) ? 'binary' : null;
}

/** The bytes as UTF-8 without a byte order mark. UTF-16 with a mark (Excel's "Unicode text") is converted. */
export function toUtf8(bytes: Uint8Array): Buffer {
  const [a, b, c] = bytes;
  if (a === 0xff && b === 0xfe) return Buffer.from(new TextDecoder('utf-16le').decode(bytes));
  if (a === 0xfe && b === 0xff) return Buffer.from(new TextDecoder('utf-16be').decode(bytes));
  const from = a === 0xef && b === 0xbb && c === 0xbf ? 3 : 0;
  return Buffer.from(bytes.buffer, bytes.byteOffset + from, bytes.byteLength - from);
}
