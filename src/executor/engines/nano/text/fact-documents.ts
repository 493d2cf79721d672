import type { Rng } from '../../../../lib/rng.ts';
import { isHeldOut, sumKey } from '../tasks/held-out.ts';
import { dateForms, drawDate, isoDate, ordinal, twoDigits } from './dates.ts';
import type { DocumentKind } from './document-kind.ts';
import { cities, firstNames, lastNames, months, tableNames, tables } from './words.ts';

/** Forms that appear beside their ISO date in the general text; the others never do. */
const alignedForms = [0, 1, 2, 3, 4, 10];

function alignedDate(rng: Rng): string {
  for (;;) {
    const date = drawDate(rng);
    if (isHeldOut('date', isoDate(date))) continue;
    return `${dateForms[rng.pick(alignedForms)]!(date)} (${isoDate(date)})`;
  }
}

/** Sums of numbers below 100 that no evaluation item of `add` uses. */
function sum(rng: Rng): string {
  for (;;) {
    const a = rng.int(rng.next() < 0.4 ? 10 : 100);
    const b = rng.int(rng.next() < 0.4 ? 10 : 100);
    if (!isHeldOut('add', sumKey(a, b))) return `${a}+${b}=${a + b}`;
  }
}

function digitSum(rng: Rng): string {
  const [a, b, carry] = [rng.int(10), rng.int(10), rng.int(2)];
  const total = a + b + carry;
  return `${a} and ${b} and ${carry}: ${total}, write ${total % 10} carry ${total >= 10 ? 1 : 0}`;
}

function monthFact(rng: Rng): string {
  const i = rng.int(12);
  const year = 1950 + rng.int(100);
  const day = 1 + rng.int(31);
  const [month, next] = [months[i]!, (i + 1) % 12];
  return rng.pick([
    `${month} ${twoDigits(i + 1)} ${month.slice(0, 3)} ${i + 1}, then ${months[next]} ${twoDigits(next + 1)}`,
    `${year}: ${month} ${year}, ${year}-${twoDigits(i + 1)}`,
    `day ${day} ${twoDigits(day)} of ${month} ${twoDigits(i + 1)}`,
    `${month} ${year} ${twoDigits(i + 1)}/${year}`,
    `${ordinal(day)} ${day} ${twoDigits(day)}, ${ordinal(day + 1)} ${day + 1} ${twoDigits(day + 1)}`,
    `year ${year} '${twoDigits(year)} ${year}`,
  ]);
}

function unitFact(rng: Rng): string {
  const n = 1 + rng.int(99);
  return rng.pick([
    `${n} km is ${n}000 m`,
    `${n} kg is ${n}000 g`,
    `${n} m is ${n}00 cm`,
    `${n} cm is ${n}0 mm`,
    `${n % 20} min is ${(n % 20) * 60} s`,
    `1 h has 60 min and 1 min has 60 s`,
  ]);
}

function sqlSnippet(rng: Rng): string {
  const table = rng.pick(tableNames);
  const columns = tables[table];
  const column = rng.pick(columns);
  return rng.pick([
    `select ${column} from ${table} where city = '${rng.pick(cities)}'`,
    `select * from ${table} order by ${column}`,
    `select ${column} from ${table} where ${columns[3]} > ${rng.int(100)}`,
    `select count(*) from ${table}`,
  ]);
}

function jsonRecord(rng: Rng): string {
  const name = `${rng.pick(firstNames)} ${rng.pick(lastNames)}`;
  return rng.pick([
    `{"name":"${name}","city":"${rng.pick(cities)}","age":${18 + rng.int(60)}}`,
    `{"id":${rng.int(10_000)},"tags":["${rng.pick(cities)}","${rng.pick(firstNames)}"]}`,
  ]);
}

function counting(rng: Rng): string {
  const start = rng.int(96);
  const letter = rng.int(22);
  return rng.pick([
    `${start}, ${start + 1}, ${start + 2}, ${start + 3}`,
    'abcdefghijklmnopqrstuvwxyz'
      .slice(letter, letter + 5)
      .split('')
      .join(' '),
    `${start} < ${start + 1 + rng.int(40)}`,
  ]);
}

/** Facts with one right answer: dates and months, sums, units, SQL and JSON by shape, counting. */
export const factDocuments: DocumentKind[] = [
  { weight: 1.5, draw: alignedDate },
  { weight: 5, draw: sum },
  { weight: 2, draw: digitSum },
  { weight: 8, draw: monthFact },
  { weight: 3, draw: unitFact },
  { weight: 4, draw: sqlSnippet },
  { weight: 4, draw: jsonRecord },
  { weight: 2, draw: counting },
];
