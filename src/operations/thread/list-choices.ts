import { listText, numberText } from '../../lib/text.ts';
import { metricText } from '../../report/sentences/words.ts';
import { metricNames } from '../../scoring/types.ts';
import type { Context } from '../context.ts';

/** The built-in tasks, with an example of each. */
export function listTasks({ catalog }: Pick<Context, 'catalog'>): string {
  const lines = catalog.tasks().map(({ name, title, example, pools }) => {
    const rows = pools.reduce((sum, pool) => sum + pool.rows, 0);
    return `• \`${name}\`: ${title}, ${numberText(rows)} rows (${example.prompt} → ${example.completion})`;
  });
  return lines.length === 0
    ? 'I have no built-in tasks here. Attach rows with a prompt and a completion column.'
    : ['My built-in tasks, besides any rows you attach:', ...lines].join('\n');
}

/** The models that the configured engine can train. */
export function listModels({ engine }: Pick<Context, 'engine'>): string {
  const lines = engine.baseModels.map(({ id, title, maxSequenceTokens }) => {
    const name = title === id ? `\`${id}\`` : `\`${id}\`: ${title}`;
    return `• ${name}, up to ${numberText(maxSequenceTokens)} tokens a row`;
  });
  return [`I can fine-tune ${lines.length === 1 ? 'one model' : 'these models'} here:`, ...lines].join('\n');
}

export const listMetrics = (): string =>
  `I measure ${listText(metricNames.map((name) => metricText[name]))}, each between 0 and 1, on rows that are held out.`;
