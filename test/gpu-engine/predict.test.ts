import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type GpuPlace, openGpuPlace } from '../support/gpu-engine/gpu-place.ts';
import { pythonOf } from '../support/gpu-engine/python.ts';

const runner = fileURLToPath(new URL('../../src/executor/engines/gpu/runner/', import.meta.url));
const standIns = fileURLToPath(new URL('../support/gpu-engine/stand-ins/', import.meta.url));

let place: GpuPlace;
beforeAll(() => {
  place = openGpuPlace();
});
afterAll(() => place.remove());

const prompts = ['upper: amber', 'upper: fjord, and more words than the others have', 'upper: cedar'];

/** Asks the tiny model on a device, with the stand-in of vLLM at hand. */
function ask(device: 'cpu' | 'cuda:0', failing = '', longest = 8) {
  const program = [
    'import json, sys',
    'from trex_model import load_tokenizer',
    'from trex_predict import answers',
    'from trex_encoder import Encoder',
    'path, prompts, device, longest = json.load(sys.stdin)',
    'run = {"precision": "fp32", "seed": 7}',
    'encoder = Encoder(load_tokenizer(path), False)',
    'rows = [{"prompt": prompt} for prompt in prompts]',
    'print(json.dumps(answers(run, path, encoder, rows, longest, lambda: False, device)))',
  ].join('\n');
  const calls = join(place.root, 'calls.json');
  const { stdout, stderr } = spawnSync(pythonOf('trl'), ['-B', '-c', program], {
    cwd: runner,
    input: JSON.stringify([join(place.root, 'model'), prompts, device, longest]),
    encoding: 'utf8',
    env: { ...process.env, PYTHONPATH: standIns, FAKE_VLLM: failing, FAKE_VLLM_CALLS: calls },
  });
  return {
    stderr,
    answers: () => JSON.parse(stdout) as [texts: string[], writer: string],
    calls: () => JSON.parse(readFileSync(calls, 'utf8')),
  };
}

test('vLLM is given the same tokens and ends as transformers, and answers the same', () => {
  const [texts, writer] = ask('cpu').answers();
  expect(writer).toBe('transformers');
  const asked = ask('cuda:0');
  expect(asked.answers()).toEqual([texts, 'vLLM 0.11.0']);
  const { prompts: given, ...rest } = asked.calls();
  const longest = Math.max(
    ...given.map((prompt: { prompt_token_ids: number[] }) => prompt.prompt_token_ids.length),
  );
  expect(rest).toEqual({
    ...{ dtype: 'float32', seed: 7, max_model_len: longest + 8, use_tqdm: false },
    sampling: { temperature: 0, max_tokens: 8, stop_token_ids: [2] },
  });
});

test('a prompt that leaves no room for an answer keeps its end, also for vLLM', () => {
  const asked = ask('cuda:0', '', 120);
  asked.answers();
  for (const { prompt_token_ids } of asked.calls().prompts) expect(prompt_token_ids.length).toBeLessThan(9);
});

// There is no GPU here that transformers could then answer on: what is seen is that it is asked, and why.
test.each([
  ['memory', 'vLLM failed, so transformers answers: ValueError: Free memory on device'],
  ['broken', 'vLLM cannot be imported, so transformers answers: libcudart.so.12'],
])('vLLM that fails (%s) is no failure of the run, and the log says why', (failing, why) => {
  const { stderr } = ask('cuda:0', failing);
  expect(stderr).toContain(why);
  expect(stderr).toContain('NVIDIA');
});
