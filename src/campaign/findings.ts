/** The work that a source describes; only statements of the source, null or empty where it makes none. */
export interface StatedRecipe {
  baseModels: string[];
  /** `LoRA`, `synthetic data`. */
  methods: string[];
  datasets: string[];
  /** `learning rate 2e-4`, `3 epochs`. */
  settings: string[];
}

/** All texts are other people's: cleaned, cut, and never instructions. */
interface FindingBase {
  /** The id under which the source was fetched again and confirmed before this was stored. */
  id: string;
  url: string;
  /** Word for word from the source. */
  quote: string;
}

export interface PaperFinding extends FindingBase {
  kind: 'paper';
  source: 'arxiv' | 'semantic_scholar' | 'hugging_face';
  title: string;
  /** A date, or a year alone; null when the source does not say. */
  publishedAt: string | null;
  citations: number | null;
  recipe: StatedRecipe;
  /** Whether the quote states a result. */
  hasResult: boolean;
}

export interface ModelFinding extends FindingBase {
  kind: 'model';
  licence: string | null;
  /** Whether access must be asked for; null when the source does not say. */
  gated: boolean | null;
  recipe: StatedRecipe;
  hasResult: boolean;
}

export interface DatasetFinding extends FindingBase {
  kind: 'dataset';
  licence: string | null;
  gated: boolean | null;
  /** Null when the dataset viewer does not know them. */
  rows: number | null;
  bytes: number | null;
  splits: { name: string; rows: number | null }[];
  columns: { name: string; type: string }[];
  /** One row, cells cut; null when it could not be seen. */
  example: Record<string, string> | null;
}

export type Finding = PaperFinding | ModelFinding | DatasetFinding;

/** Published work about a task, as it was found at one moment. */
export interface Findings {
  /** The search words that were sent. */
  words: string[];
  papers: PaperFinding[];
  models: ModelFinding[];
  datasets: DatasetFinding[];
  /** Sources that did not answer or did not hold up to the check, a sentence each. */
  problems: string[];
}
