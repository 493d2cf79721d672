import { type Reader, readPhrases } from './reader.ts';
import { numberIn } from './slots.ts';

const cheaper = '[the] (cheaper|smaller) [one|version]';

/** Approving and rejecting a card, and sending weights away. */
export const readDecision: Reader = readPhrases([
  [
    `(approve|approved|accept|allow|go ahead with|yes to|run|start) ${cheaper} [of|for] <node>|(approve|approved|accept|allow|go ahead with|yes to|run|start) [the] <node> [in|as] ${cheaper}`,
    ({ node }) => ({ kind: 'approve', node: numberIn(node?.[0]), cheaper: true }),
  ],
  [`(approve|approved|accept) ${cheaper}`, () => ({ kind: 'approve', node: null, cheaper: true })],
  [
    '(approve|approved|accept|allow|go ahead with|yes to|run|start) [the] <node>|(approve|approved|accept) [it|this]',
    ({ node }) => ({ kind: 'approve', node: numberIn(node?.[0]), cheaper: false }),
  ],
  [
    '(reject|rejected|decline|deny|refuse|no to|withdraw|skip|kill|drop) [the] <node>|(reject|rejected|decline|deny|refuse) [it|this]',
    ({ node }) => ({ kind: 'reject', node: numberIn(node?.[0]) }),
  ],
]);

const weights = '[it|this|them|the (model|winner|weights)|<best>|<node>]';
const hub = '(to|on|into) [the|our] (hub|hugging face|huggingface|hugging face hub|huggingface hub|hf)';
const folder = '(to|on|into|in) [the|a|our] (folder|disk|directory|path)';

export const readShip: Reader = readPhrases([
  [
    `(ship|export|push|upload|publish|release) ${weights} ${hub}`,
    ({ node }) => ({ kind: 'ship', node: numberIn(node?.[0]), target: 'hub' }),
  ],
  [
    `(ship|export|push|upload|publish|release) ${weights} ${folder}`,
    ({ node }) => ({ kind: 'ship', node: numberIn(node?.[0]), target: 'folder' }),
  ],
  [`(ship|export) ${weights}`, ({ node }) => ({ kind: 'ship', node: numberIn(node?.[0]), target: null })],
]);
