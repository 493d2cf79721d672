import { afterAll, beforeAll, describe } from 'vitest';
import { type MockModel, startMockModel } from '../support/model/mock-model.ts';
import { researcherAt } from '../support/model/open-researcher.ts';
import { scriptedAnswer } from '../support/model/scripted-model.ts';
import { describeResearcher } from './researcher.ts';

let sensible: MockModel;
let senseless: MockModel;

beforeAll(async () => {
  sensible = await startMockModel(scriptedAnswer);
  senseless = await startMockModel(() => ({ content: 'I am a teapot.' }));
});
afterAll(async () => {
  await sensible.stop();
  await senseless.stop();
});

describe('the Researcher with a language model', () => {
  describeResearcher(async () => researcherAt(sensible.baseUrl));
});

describe('the Researcher with a language model that only talks nonsense', () => {
  describeResearcher(async () => researcherAt(senseless.baseUrl));
});

describe('the Researcher with a language model that nobody serves', () => {
  describeResearcher(async () => researcherAt('http://127.0.0.1:9/v1', { retries: 0 }));
});
