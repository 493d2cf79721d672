import { numberText } from '../../lib/text.ts';

const words = ['', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'];

/** `Two of your rows in five look`: the nearest simple fraction; below one in ten, the count. */
export function sayShare(count: number, total: number): string {
  const share = count / total;
  let best = { part: 0, whole: 0, distance: Number.POSITIVE_INFINITY };
  for (let whole = 2; whole <= 10; whole++)
    for (let part = 1; part < whole; part++) {
      const error = Math.abs(share - part / whole);
      // Every step of the denominator must bring the fraction 0.0015 nearer.
      const distance = error + 0.0015 * whole;
      if (error <= 0.025 && distance < best.distance) best = { part, whole, distance };
    }
  if (share < 0.095 || best.whole === 0)
    return count === 1 ? 'One of your rows looks' : `${numberText(count)} of your rows look`;
  const first = words[best.part] ?? '';
  const verb = best.part === 1 ? 'looks' : 'look';
  return `${first[0]?.toUpperCase()}${first.slice(1)} of your rows in ${words[best.whole]} ${verb}`;
}
