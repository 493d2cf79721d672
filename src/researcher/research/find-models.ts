import type { ModelFinding } from '../../campaign/findings.ts';
import { cleanLine } from '../clean-text.ts';
import type { Run } from './run.ts';
import { createHfModels, type ModelInfo } from './services/hf-models.ts';
import { searchRepos } from './services/search-repos.ts';

const looked = 5;
const kept = 3;
const methodTags: Record<string, string> = {
  lora: 'LoRA',
  peft: 'LoRA',
  dpo: 'DPO',
  grpo: 'GRPO',
  sft: 'supervised fine-tuning',
};

/** Fine-tuned models whose cards state how they were made or what they reached; others teach nothing. */
export async function findModels(run: Run, words: readonly string[]): Promise<ModelFinding[]> {
  const models = createHfModels(run.ask);
  const ids = await run.attempt(() => searchRepos(models.search, words, looked), []);
  const findings: ModelFinding[] = [];
  for (const id of ids) {
    const model = await run.attempt<ModelInfo | null>(() => models.byId(id), null);
    if (model === null || (model.baseModels.length === 0 && model.results.length === 0)) continue;
    findings.push(toFinding(model));
    if (findings.length === kept) break;
  }
  return findings;
}

function toFinding(model: ModelInfo): ModelFinding {
  const results = model.results.slice(0, 3).map((r) => `${r.metric} ${r.value} on ${r.dataset}`);
  const made = `base_model: ${model.baseModels.join(', ')}`;
  const short = (names: string[]): string[] => names.slice(0, 3).map((name) => cleanLine(name, 80));
  return {
    kind: 'model',
    id: model.id,
    url: `https://huggingface.co/${model.id}`,
    licence: model.licence === null ? null : cleanLine(model.licence, 60),
    gated: model.gated,
    quote: cleanLine(results.length > 0 ? results.join('; ') : made, 400),
    hasResult: results.length > 0,
    recipe: {
      baseModels: short(model.baseModels),
      methods: [...new Set(model.tags.flatMap((tag) => methodTags[tag] ?? []))],
      datasets: short(model.datasets),
      settings: [],
    },
  };
}
