import { MEASURES } from '../metrics/measure';
import type { Claim } from './claim';
import { TABLE_1_CLAIMS } from './claims-table-1';
import { TABLE_3_CLAIMS } from './claims-table-3';
import { TABLE_4_CLAIMS } from './claims-table-4';
import { TABLE_5_CLAIMS } from './claims-table-5';
import type { ModelName } from './probed-model';
import type { PublishedTableName } from './published-tables';
import { SCORE_COLUMNS, SCORE_MEASURES, type ScoreMeasure } from './score-columns';

/** A table of scores of the paper: what its rows are and what is said about them. */
export interface ScoreTable {
  readonly name: PublishedTableName;
  readonly title: string;
  /** The order of its rows. */
  readonly models: readonly ModelName[];
  /** The columns before the scores, as the paper has them. */
  readonly keys: readonly string[];
  /** The column that sets the rows of one model apart; the best is the best of a setting. */
  readonly setting?: string;
  /** The score columns, as the paper has them. */
  readonly columns: readonly ScoreMeasure[];
  /** The figures of `table-N-cells.csv`. */
  readonly measures: readonly ScoreMeasure[];
  readonly claims: readonly Claim[];
}

const PRETRAINED: readonly ModelName[] = ['Contrastive Learning', 'Generative Learning', 'Hybrid Learning'];
const FINE_TUNED: readonly ModelName[] = ['Supervised Learning (ResNet)', 'Supervised Learning (ViT)', ...PRETRAINED];
const ARCHITECTURE_KEYS = ['model', 'patch_size', 'block_depth', 'embedding_size'] as const;

/** Linear probes on frozen encoders. */
export const TABLE_1: ScoreTable = {
  name: 'table-1',
  title: 'Linear probes on frozen encoders',
  models: ['Random Initialization', ...PRETRAINED],
  keys: ARCHITECTURE_KEYS,
  columns: SCORE_COLUMNS,
  measures: MEASURES,
  claims: TABLE_1_CLAIMS,
};

/** Fine-tuned models and those trained from scratch, on all labels. */
export const TABLE_3: ScoreTable = {
  name: 'table-3',
  title: 'Fine-tuned models and supervised baselines',
  models: FINE_TUNED,
  keys: ARCHITECTURE_KEYS,
  columns: SCORE_COLUMNS,
  measures: SCORE_MEASURES,
  claims: TABLE_3_CLAIMS,
};

/** The same with fewer cases among the training ECGs. */
export const TABLE_4: ScoreTable = {
  name: 'table-4',
  title: 'Fine-tuned with few cases',
  models: FINE_TUNED,
  keys: ['model', 'case_ratio_percent'],
  setting: 'case_ratio_percent',
  columns: SCORE_COLUMNS,
  measures: SCORE_MEASURES,
  claims: TABLE_4_CLAIMS,
};

/** The same on a part of the labels. */
export const TABLE_5: ScoreTable = {
  name: 'table-5',
  title: 'Fine-tuned with few labels',
  models: FINE_TUNED,
  keys: ['model', 'data_usage_percent'],
  setting: 'data_usage_percent',
  columns: SCORE_COLUMNS,
  measures: SCORE_MEASURES,
  claims: TABLE_5_CLAIMS,
};
