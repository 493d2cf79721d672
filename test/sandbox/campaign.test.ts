import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
import { silentLog } from '../../src/lib/log.ts';
import { loadView } from '../../src/operations/view/load-view.ts';
import { reportMarkdown } from '../../src/report/final-report.ts';
import { createSandbox } from '../../src/sandbox/create-sandbox.ts';
import { getCampaign } from '../../src/store/campaigns.ts';
import { listNodes } from '../../src/store/nodes.ts';
import { type MockModel, type ModelRequest, startMockModel, usage } from '../support/model/mock-model.ts';
import { researcherAt } from '../support/model/open-researcher.ts';
import { schemaName, scriptedObject, userText } from '../support/model/scripted-model.ts';
import { transcript } from '../support/world/create-world.ts';
import { useDatabase, useWorld } from '../support/world/use-world.ts';

/** A campaign whose language model writes code: a person approves it in the thread, and it runs in the real sandbox. */

vi.setConfig({ testTimeout: 240_000 });

const database = useDatabase();
const world = useWorld(database, { slots: 1 });
let mock: MockModel | undefined;

beforeEach(async () => {
  world.ctx.sandbox = createSandbox({
    sandbox: { kind: 'bwrap' },
    python: 'python3',
    dir: world.ctx.settings.dataDir,
    clock: systemClock,
    log: silentLog,
  });
});
afterEach(async () => {
  await mock?.stop();
});

/** The scripted model, but its third round brings this code. */
async function modelWithCode(code: string): Promise<void> {
  let rounds = 0;
  mock = await startMockModel((asked: ModelRequest, index) => {
    const answer = scriptedObject(asked, index) as { recipe?: { steps: object[] } };
    if (schemaName(asked) === 'next_round' && ++rounds === 3) {
      answer.recipe?.steps.push({ op: 'python_map', purpose: 'leave out one prompt in five', code });
      Object.assign(answer, { title: 'four prompts in five', strategy: 'refine_data_pipeline' });
    }
    return { content: JSON.stringify(answer), ...usage(1500, 200) };
  });
  world.ctx.researcher = researcherAt(mock.baseUrl, { retries: 0 }, { clock: world.clock });
}

const request =
  'teach upper, exact match, budget 10 minutes, one at a time, no need to ask, full only, at most 7 experiments';
const cards = () => world.chat.ofKind('approval');

async function toCard(): Promise<{ id: string; node: number; threadTs: string }> {
  const id = await world.begin(request);
  await world.until('a card about code', () => cards().length > 0);
  const { threadTs } = await getCampaign(database.db, id);
  return { id, node: cards()[0]?.node.number as number, threadTs };
}

describe('code that a language model wrote', () => {
  test('is approved in the thread, runs in the sandbox, and its rows are trained on to the end', async () => {
    await modelWithCode(
      'def map_row(row):\n    if sum(map(ord, row["prompt"])) % 5 == 0:\n        return None\n    return {**row, "prompt": row["prompt"] + " "}',
    );
    const { id, node, threadTs } = await toCard();
    expect(cards()[0]?.approval.code).toMatchObject({ purpose: 'leave out one prompt in five' });
    expect(cards()[0]?.approval.code?.terms).toContain('no network');
    await world.say(`approve ${node}`, { threadTs });
    await world.until('its round', async () => {
      const found = (await listNodes(database.db, id)).find((n) => n.number === node);
      return found?.state === 'scored' || found?.state === 'failed';
    });
    const row = (await listNodes(database.db, id)).find((n) => n.number === node);
    expect(row?.state, transcript(world.chat)).toBe('scored');
    const step = row?.trace?.find((t) => t.step === 'run code: leave out one prompt in five');
    expect(step?.after).toBeLessThan(step?.before as number);
    await world.until('the end', async () => (await getCampaign(database.db, id)).state === 'finished');
    const view = await loadView({ ctx: world.ctx, campaignId: id });
    expect(view.final).not.toBeNull();
    // Asked once, whatever grew from it.
    expect(cards()).toHaveLength(1);
    const markdown = reportMarkdown(view);
    expect(markdown).toContain('Code, approved by Ana: leave out one prompt in five.');
    expect(markdown).toContain('if sum(map(ord, row["prompt"])) % 5 == 0:');
  });

  test('fails on a row: the thread and the model are told which', async () => {
    await modelWithCode('def map_row(row):\n    return row["anwser"]');
    const { id, node, threadTs } = await toCard();
    await world.say(`approve ${node}`, { threadTs });
    await world.until('the end', async () => (await getCampaign(database.db, id)).state === 'finished');
    const said = "Its code failed on row 1: KeyError: 'anwser' (line 2).";
    const row = (await listNodes(database.db, id)).find((n) => n.number === node);
    expect(row?.failure).toMatchObject({ fault: 'data', message: said });
    expect(world.chat.ofKind('failure').map((f) => f.node.number)).toContain(node);
    const asked = (mock as MockModel).requests.filter((r) => schemaName(r) === 'next_round');
    expect(
      asked.some((r) => userText(r).includes("Failed: Its code failed on row 1: KeyError: 'anwser'")),
    ).toBe(true);
  });
});
