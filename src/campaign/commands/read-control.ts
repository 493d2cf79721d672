import { amountOf } from './read-money.ts';
import { type Reader, readPhrases } from './reader.ts';

const all =
  '[it|this|that|this one|everything|[all] (the|these|this|that|my|our|your) (campaign|campaigns|search|run|runs|tree|training|trainings|job|jobs|experiment|experiments)|all|all of (it|them|this)|all (campaigns|runs|jobs|experiments|training)]';
const further = '[the (campaign|search|run|training)|with it|with this]';

/** Continuing, pausing and stopping. */
export const readControl: Reader = readPhrases([
  [
    `(wrap|finish|close) [it|this|that|things|everything|the (campaign|search|run)] up`,
    () => ({ kind: 'wrap_up' }),
  ],
  [
    '(end|finish|stop) early [with (a|the) report]|(end|finish|stop) [it] with (a|the) report|(finish|end|stop) [it|now] and (report|write (a|the) report|give (me|us) (a|the) report)',
    () => ({ kind: 'wrap_up' }),
  ],
  ['pause [it|this|everything|the (campaign|search|run|tree|training)]', () => ({ kind: 'pause' })],
  ['hold [on|it]|wait|freeze [it|everything]|take a break', () => ({ kind: 'pause' })],
  [
    `stop ${all}|cancel ${all}|halt ${all}|abort ${all}|end ${all}|terminate ${all}|quit [it]|finish [it]|kill ${all.replace('[it|', '(it|').replace(/\]$/, ')')}`,
    () => ({ kind: 'stop' }),
  ],
  [
    "(shut|switch|turn) (it|this|that|everything|all of it) (down|off)|(shut|switch|turn) (down|off) [everything|all of it|the (campaign|search|run)]|call it off|pull the plug|[that is|that's] enough|stop right there",
    () => ({ kind: 'stop' }),
  ],
  [
    `(resume|continue|unpause|un-pause|proceed|restart it) ${further}|(go|carry) on ${further}|keep (going|on|running|training|searching) ${further}|let it (run|go on)`,
    () => ({ kind: 'continue', more: null }),
  ],
  [
    `(resume|continue|go on|carry on|keep going) until <moment>`,
    (_, { text }) => ({ kind: 'continue', more: null, until: text.slice(text.indexOf('until ') + 6) }),
  ],
  [
    `(resume|continue|proceed|go on|carry on|keep going) (with|for) [another|extra|more] <amount> [more|longer|extra|on top]`,
    (caught, said) => {
      const more = amountOf(caught.amount?.[0], said);
      return 'problem' in more ? more : { kind: 'continue', more };
    },
  ],
]);
