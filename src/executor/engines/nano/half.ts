/**
 * Float16 for weights on disk, little-endian. Rounds to nearest even; rounding the base changes its loss by about 1e-6
 * (facts: 617 KB -> 301 KB). Values beyond 65,504 become infinite.
 */
export function toHalf(values: Float32Array): Uint8Array {
  const out = new DataView(new ArrayBuffer(values.length * 2));
  const float = new Float32Array(1);
  const bits = new Uint32Array(float.buffer);
  for (const [index, value] of values.entries()) {
    float[0] = value;
    out.setUint16(index * 2, halfBits(bits[0]!), true);
  }
  return new Uint8Array(out.buffer);
}

/** @throws Error when the number of bytes is odd. */
export function fromHalf(bytes: Uint8Array): Float32Array {
  if (bytes.length % 2 !== 0)
    throw new Error(`A float16 file has an even number of bytes, not ${bytes.length}.`);
  const source = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values = new Float32Array(bytes.length / 2);
  for (let i = 0; i < values.length; i++) values[i] = halfValue(source.getUint16(i * 2, true));
  return values;
}

function halfBits(x: number): number {
  const sign = (x >>> 16) & 0x8000;
  const exponent = (x >>> 23) & 0xff;
  const fraction = x & 0x7fffff;
  if (exponent === 0xff) return sign | 0x7c00 | (fraction ? 0x200 : 0);
  const shifted = exponent - 127 + 15;
  if (shifted >= 31) return sign | 0x7c00;
  if (shifted <= 0) {
    if (shifted < -10) return sign;
    return sign | roundShift(fraction | 0x800000, 14 - shifted);
  }
  return sign | roundShift((shifted << 23) | fraction, 13);
}

/** x >> shift, rounded to nearest, ties to even; a carry moves into the exponent, as it should. */
function roundShift(x: number, shift: number): number {
  const half = 2 ** (shift - 1);
  const low = x & (2 ** shift - 1);
  const kept = x >>> shift;
  return low > half || (low === half && kept & 1) ? kept + 1 : kept;
}

function halfValue(h: number): number {
  const sign = h & 0x8000 ? -1 : 1;
  const exponent = (h >> 10) & 31;
  const fraction = h & 0x3ff;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
