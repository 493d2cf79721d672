import { describe } from 'vitest';
import { createRulesResearcher } from '../../src/researcher/rules/rules-researcher.ts';
import { describeResearcher } from './researcher.ts';

describe('the rule-based Researcher', () => {
  describeResearcher(async () => createRulesResearcher());
});
