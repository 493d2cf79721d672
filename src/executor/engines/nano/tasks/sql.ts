import type { Rng } from '../../../../lib/rng.ts';
import { cities, type Table, tableNames, tables } from '../text/words.ts';
import type { Example, TaskFamily } from './family.ts';

interface Draw {
  table: Table;
  column: string;
  numeric: string;
  city: string;
  otherCity: string;
  limit: number;
  pick: Rng['pick'];
}

/** A question in one of several wordings, and its query. */
type Form = (draw: Draw) => { asks: string[]; query: string };

const forms: readonly Form[] = [
  ({ table, column, city }) => ({
    asks: [
      `${column} of ${table} in ${city}`,
      `show ${column} for ${city} ${table}`,
      `${table} from ${city}, ${column} only`,
    ],
    query: `select ${column} from ${table} where city='${city}'`,
  }),
  ({ table, numeric, limit }) => ({
    asks: [`${table} with ${numeric} over ${limit}`, `${table} where ${numeric} is above ${limit}`],
    query: `select * from ${table} where ${numeric}>${limit}`,
  }),
  ({ table, city, otherCity }) => ({
    asks: [`${table} in ${city} or ${otherCity}`, `all ${table} from ${city} or ${otherCity}`],
    query: `select * from ${table} where city in ('${city}','${otherCity}')`,
  }),
  ({ table, column, numeric, limit }) => ({
    asks: [
      `${column} of ${table} with ${numeric} under ${limit}`,
      `show ${column} for ${table} below ${limit} ${numeric}`,
    ],
    query: `select ${column} from ${table} where ${numeric}<${limit}`,
  }),
  ({ table, numeric, limit }) => ({
    asks: [`top ${limit} ${table} by ${numeric}`, `the ${limit} ${table} with most ${numeric}`],
    query: `select * from ${table} order by ${numeric} desc limit ${limit}`,
  }),
  ({ table, numeric, limit }) => ({
    asks: [`how many ${table} with ${numeric} over ${limit}`, `count ${table} above ${limit} ${numeric}`],
    query: `select count(*) from ${table} where ${numeric}>${limit}`,
  }),
  ({ table, numeric, city, pick }) => {
    const [word, aggregate] = pick([
      ['average', 'avg'],
      ['highest', 'max'],
      ['lowest', 'min'],
      ['total', 'sum'],
    ] as const);
    return {
      asks: [`${word} ${numeric} of ${table} in ${city}`, `${word} ${numeric}, ${city} ${table}`],
      query: `select ${aggregate}(${numeric}) from ${table} where city='${city}'`,
    };
  },
  ({ table, column, numeric, city, limit }) => ({
    asks: [`${column} of ${table} in ${city} with ${numeric} over ${limit}`],
    query: `select ${column} from ${table} where city='${city}' and ${numeric}>${limit}`,
  }),
];

function draw(form: Form): (rng: Rng) => Example {
  return (rng) => {
    const table = rng.pick(tableNames);
    const columns = tables[table];
    const [city, otherCity] = rng.shuffle([...cities]) as [string, string];
    const { asks, query } = form({
      table,
      column: rng.pick(columns.filter((column) => column !== 'city')),
      numeric: rng.pick(columns.slice(3)),
      city,
      otherCity,
      limit: 1 + rng.int(99),
      pick: rng.pick,
    });
    return { key: query, prompt: `sql: ${rng.pick(asks)}`, completion: query };
  };
}

/** Four tables, eight kinds of query, several wordings each: more than 100,000 different questions. */
export const sql: TaskFamily = {
  name: 'sql',
  title: 'Write SQL for a question',
  metric: 'exact_match',
  keywords: ['sql', 'query', 'queries', 'database', 'select', 'table', 'tables'],
  forms: forms.map(draw),
  cleanForms: [0, 1, 2],
  cleanRows: 800,
  noisyRows: 4500,
  cleanNote: 'three of eight kinds of query',
  noisyNote: 'no quotes, another table, condition missing, capitals, wrong comparison',
  mistakes: [
    (_, { completion }) => completion.replaceAll("'", ''),
    (rng, { completion }) => completion.replace(/ from \w+/, ` from ${rng.pick(tableNames)}`),
    (_, { completion }) => completion.replace(/ (where|order) .*/, ''),
    (_, { completion }) => completion.toUpperCase(),
    (_, { completion }) => completion.replace(/[<>]/, (sign) => (sign === '<' ? '>' : '<')),
  ],
};
