import type { Command, Period } from './command.ts';
import { type Reader, readPhrases } from './reader.ts';

const periodWords: [Period, string][] = [
  ['today', '(today|so far today)'],
  ['yesterday', 'yesterday'],
  ['week', '(this|in this) week'],
  ['month', '(this|in this) month'],
  ['ever', '[so far|in all|in total|altogether|until now|here]'],
];

const spend = (mine: boolean, period: Period) => (): Command => ({ kind: 'spend', mine, period });
const what = '(which|what) [base|built-in|other]';
const have =
  '(do you (have|know|support|offer|use|take)|are (there|available|supported)|can (you|i) (train|fine-tune|do|use|measure|choose|pick|have)|can be (measured|trained|used))';
const list = '(list|show [me|us]|what are) [the|your|all|all the|all your] [base|built-in|available]';

/** Greetings, thanks and questions about the options: answered wherever the bot is spoken to. */
export const readTalk: Reader = readPhrases([
  [
    '(hi|hello|hey|hallo|howdy|yo|greetings|good (morning|afternoon|evening|day)) [there|all|everyone|bot|trex|@trex]|ping|test|are you there',
    () => ({ kind: 'hello' }),
  ],
  ['(who|what) are you|what is this', () => ({ kind: 'help' })],
  [
    "[ok|okay|great|cool|many] (thanks|thank you|thx|ty|cheers|tysm) [a lot|so much|very much|again|all|bot|trex|@trex|for that|for (your|the) help]|(great|nice|cool|perfect|awesome|wonderful|well done) [job|work|bot|one]|(good|great) (job|work|bot)|[[that|this|it] (looks|sounds)|that is|that's] (good|great|nice|fine|promising|awesome|perfect|amazing|right)|cool|lovely|amazing|impressive|ok|okay|got it|i see",
    () => ({ kind: 'thanks' }),
  ],
  [`${list} tasks|${what} tasks ${have}|[built-in] tasks`, () => ({ kind: 'tasks' })],
  [`${list} models|${what} models ${have}|[base] models`, () => ({ kind: 'models' })],
  [`${list} metrics|${what} metrics ${have}|metrics`, () => ({ kind: 'metrics' })],
  [
    '(where|what) (is|are|about) my (campaign|campaigns)|[list|show [me]] my (campaigns|campaign)|[list|show [me]] [the|all|all the] campaigns|where (is|are) (it|they) running',
    () => ({ kind: 'mine' }),
  ],
  ...periodWords.flatMap(([period, when]) => {
    const spent = `how much [money|time|compute|budget] (have|did) we (spend|spent|use|used) ${when}|what (have|did) we (spend|spent) ${when}|what did (it|we|this|that|everything|it all) cost ${when}|how much was spent ${when}|[our] (spend|spending|costs) ${when}`;
    const mine = `how much [money|time|compute|budget] (have|did) i (spend|spent|use|used) ${when}|what (have|did) i (spend|spent) ${when}|my (spend|spending|costs) ${when}`;
    return [
      [spent, spend(false, period)],
      [mine, spend(true, period)],
    ] as const;
  }),
]);
