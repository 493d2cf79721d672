import { cleanLine, cleanText } from '../clean-text.ts';
import { condense } from '../memory/condense.ts';
import type { AnswerContext } from '../port.ts';
import { data, fencePrompt } from './fence.ts';
import { itemLine } from './item-text.ts';
import { fitLines, withinTokens } from './share-out.ts';

const instructions = `You answer a question about a fine-tuning campaign in a team chat. A campaign is a tree of numbered nodes: each starts from a parent node and changes something; its score is a metric in [0, 1], higher is better, on search items. You have the campaign's own records and nothing else.

- Answer the question in at most five sentences, the answer itself first. Name nodes as #7.
- Every number must stand in the records, exactly as it stands there; calculate, round and convert nothing. Write numbers in digits. A number that only the question holds is not on record: do not repeat it.
- Tell what the records show from what you conclude. Where intervals overlap or p is large, say that it is not settled.
- When the records do not tell, say so, and say what node would.
- Asked what is worth doing, give an honest judgement with its reason. You cannot do anything: promise nothing, claim nothing that the records do not say was done, and do not tell people to approve, reject, stop or pay.`;

const shares = { question: 0.06, goal: 0.05, facts: 0.34, memory: 0.34, failing: 0.18 };

/**
 * The prompt for a question about a campaign, at most `maxTokens` estimated tokens however large the tree is. Pure.
 * `records` is all that it shows of the campaign: the numbers that an answer may hold.
 */
export function answerPrompt(
  context: AnswerContext,
  maxTokens: number,
): { system: string; user: string; records: string } {
  const { brief, facts, memory, failing } = context;
  let records = '';
  const prompt = withinTokens(maxTokens, shares, (limits) => {
    const lines = facts.flatMap((fact) => fact.split('\n')).map((line) => cleanLine(line, 1200));
    const blocks = [
      `Metric: ${brief.metric}${brief.target === null ? '' : `, target ${brief.target}`}. Base model: ${cleanLine(brief.scope.baseModel, 60)}.`,
      data('what people want', fitLines([cleanLine(brief.goal, 1200)], limits.goal), 1200),
      data('what is on record', fitLines(lines, limits.facts), 40_000),
      data('the tree', memory === null ? '' : condense(memory, limits.memory), 40_000),
      ...(memory === null
        ? []
        : [
            `Search items that #${memory.parent.view.number} fails, a part of them:`,
            data('failing items', fitLines(failing.map(itemLine), limits.failing), 40_000),
          ]),
    ];
    records = blocks.map((block) => (typeof block === 'string' ? block : block.text)).join('\n');
    const { text, rule } = fencePrompt([
      ...blocks,
      data('the question', fitLines(cleanText(context.question, 2000).split('\n'), limits.question), 2000),
      'Answer the question.',
    ]);
    return { system: `${instructions}\n\n${rule}`, user: text };
  });
  return { ...prompt, records };
}
