import { expect, test } from 'vitest';
import { buildCampaignView } from '../../../test/support/campaign-view.ts';
import type { CampaignView } from '../../campaign/view.ts';
import type { StandardChange } from '../../scoring/standard-tasks.ts';
import { reportMarkdown } from '../final-report.ts';
import { modelCard } from '../model-card.ts';
import { standardLine, standardVerdict } from './standard-tasks.ts';

const change = (
  task: string,
  before: number,
  after: number,
  verdict: StandardChange['verdict'],
): StandardChange => {
  const measured = (value: number) => ({ value, standardError: 0.024, items: 400 });
  return { task, metric: 'acc_norm', before: measured(before), after: measured(after), verdict };
};

const finished = buildCampaignView({ nodes: 9, state: 'finished' });
const viewWith = (...standardTasks: StandardChange[]): CampaignView => ({
  ...finished,
  final: { ...finished.final!, standardTasks },
});

test('the final message says what the model could do before, and names a drop', () => {
  const view = viewWith(change('arc_easy', 0.62, 0.61, 'even'), change('gsm8k', 0.5, 0.31, 'worse'));
  expect(standardLine(view)).toBe(
    'Standard tasks: arc_easy 0.610 ± 0.047 (0.620 before), gsm8k 0.310 ± 0.047 (0.500 before). gsm8k is worse than before by more than noise.',
  );
});

test('without a drop it says that, and without tasks nothing', () => {
  expect(standardVerdict([change('arc_easy', 0.62, 0.61, 'even')])).toBe(
    'None differs from before by more than noise.',
  );
  expect(standardVerdict([change('arc_easy', 0.62, 0.61, 'even'), change('boolq', 0.5, 0.7, 'better')])).toBe(
    'boolq is better than before by more than noise. No other differs from before by more than noise.',
  );
  expect(standardVerdict([change('wikitext', 9, 9.1, null)])).toBe('');
  expect(standardLine(finished)).toBeNull();
});

test('many tasks do not flood the thread', () => {
  const many = Array.from({ length: 40 }, (_, i) => change(`mmlu_${i}`, 0.5, 0.3, 'worse'));
  const line = standardLine(viewWith(...many));
  expect(line).toContain('34 more in the report');
  expect(line).toContain('and 34 others are worse');
  expect(line?.length).toBeLessThan(800);
});

test('report and model card have every one in a table', () => {
  const view = viewWith(change('arc_easy', 0.62, 0.61, 'even'), change('gsm8k', 0.5, 0.31, 'worse'));
  for (const text of [reportMarkdown(view), modelCard(view)]) {
    expect(text).toContain('arc\\_easy');
    expect(text).toMatch(/gsm8k \| acc\\_norm \| 0\.500 ± 0\.047 \| 0\.310 ± 0\.047 \| 400 \| \*\*worse\*\*/);
  }
  expect(reportMarkdown(finished)).not.toContain('Standard tasks');
});
