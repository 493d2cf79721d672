import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeTrainer, full, trainedRows } from '../contracts/trainer.ts';
import { type GpuPlace, jobOf, losses, openGpuPlace } from '../support/gpu-engine/gpu-place.ts';
import { pythonOf } from '../support/gpu-engine/python.ts';

let place: GpuPlace;
let trl: GpuPlace;
beforeAll(() => {
  place = openGpuPlace('llamafactory');
  trl = openGpuPlace('trl');
});
afterAll(async () => {
  await trl.remove();
  await place.remove();
});

describeTrainer('llamafactory', () => place);

test.each([
  ['a plain model', 'tiny', true],
  ['a chat model that learns prompts too', 'chatty', false],
] as const)('the model is given the same tokens and labels as by TRL: %s', (_, model, completionOnly) => {
  const training = { ...full, completionOnly, order: 'as_given', epochs: 1 } as const;
  const key = `rows-${model}-${completionOnly}`;
  const ours = trainedRows('trl', trl, `trl-${key}`, jobOf(trl.engine, training, model));
  const theirs = trainedRows('llamafactory', place, key, jobOf(place.engine, training, model));
  expect(ours).toHaveLength(24);
  expect(theirs).toEqual(ours);
});

test('full fine-tuning follows the curve of TRL step by step', async () => {
  const training = { ...full, learningRate: 1e-3, order: 'as_given', epochs: 5 } as const;
  await trl.run('curve-trl', jobOf(trl.engine, training));
  await place.run('curve', jobOf(place.engine, training));
  const [ours, theirs] = [await losses(trl, 'curve-trl'), await losses(place, 'curve')];
  expect(theirs[0]).toBeCloseTo(ours[0]!, 4);
  expect(theirs.at(-1)).toBeCloseTo(ours.at(-1)!, 3);
});

test('a setting that it does not know ends the run in its words, before anything is loaded', async () => {
  await place.submit('unknown', jobOf(place.engine, {}), () => {
    const path = join(place.dirOf('unknown'), 'llamafactory.yaml');
    writeFileSync(path, `${readFileSync(path, 'utf8')}lora_rnak: 8\n`);
  });
  await place.end('unknown');
  expect(await place.engine.readOutcome(place.read('unknown'))).toMatchObject({
    failure: { code: 'bad_config', fault: 'config', message: expect.stringContaining('lora_rnak') },
  });
});

test('an environment without it is named with the file that makes one', async () => {
  const { env } = place.write('absent', jobOf(place.engine, {}));
  spawnSync(pythonOf('trl'), ['trex_train.py'], { cwd: place.dirOf('absent'), env });
  expect(await place.engine.readOutcome(place.read('absent'))).toMatchObject({
    failure: {
      code: 'environment',
      fault: 'cluster',
      message: expect.stringContaining('requirements-llamafactory.txt'),
    },
  });
});
