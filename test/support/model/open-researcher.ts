import { type Clock, systemClock } from '../../../src/lib/clock.ts';
import { silentLog } from '../../../src/lib/log.ts';
import type { ModelSettings } from '../../../src/researcher/model/ask.ts';
import { createOpenAiResearcher } from '../../../src/researcher/openai-researcher.ts';
import type { Researcher } from '../../../src/researcher/port.ts';
import { createRulesResearcher } from '../../../src/researcher/rules/rules-researcher.ts';
import { modelAt } from './mock-model.ts';

/** The Researcher as the bot builds it, with a server of the test. */
export function researcherAt(
  baseUrl: string,
  over: Partial<ModelSettings> = {},
  parts: { clock?: Clock; promptTokens?: number } = {},
): Researcher {
  const model = modelAt(baseUrl, over);
  return createOpenAiResearcher({
    strong: model,
    small: model,
    rules: createRulesResearcher(),
    promptTokens: parts.promptTokens ?? 6000,
    clock: parts.clock ?? systemClock,
    log: silentLog,
  });
}
