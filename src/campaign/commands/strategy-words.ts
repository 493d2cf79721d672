import type { Strategy } from '../states.ts';

/** How people name the strategies that they can want more or less of, as patterns of lower-case text. */
export const strategyPatterns: [Strategy, string][] = [
  [
    'construct_synthetic_data',
    `(?:synthetic(?: data| rows)?|synthesi[sz]ed(?: data| rows)?|made[- ]up (?:data|rows)|data generation|generated (?:data|rows))`,
  ],
  [
    'refine_data_pipeline',
    '(?:data (?:cleaning|pipelines?|changes|filters?|filtering|rounds?|nodes?)|filters|filtering|cleaning)',
  ],
  [
    'adjust_training_scheme',
    '(?:hyper-?parameters?(?: tuning| search)?|learning[- ]rate (?:changes|search|rounds|nodes)|training (?:scheme|changes|rounds|nodes|settings|tweaks))',
  ],
];
