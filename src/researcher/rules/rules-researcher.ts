import type { Researcher } from '../port.ts';
import { diagnoseNode } from './diagnose.ts';
import { foldIntake } from './intake/intake.ts';
import { proposeNode } from './propose/propose.ts';

/** The Researcher that needs no language model: fixed rules, the same answer for the same input. */
export function createRulesResearcher(): Researcher {
  return {
    name: 'rules',
    read: async () => null,
    intake: async (input) => foldIntake(input),
    propose: async (context) => proposeNode(context),
    diagnose: async (context) => diagnoseNode(context),
    listen: async () => null,
    answer: async () => null,
  };
}
