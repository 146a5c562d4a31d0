import { ArgumentError } from '../errors';
import { code15 } from './code-15';
import type { DatasetFormat } from './dataset';
import { ikem } from './ikem';
import { mimicIvEcg } from './mimic-iv-ecg';
import { ptbXl } from './ptb-xl';
import { samiTrop } from './sami-trop';
import { SYNTHETIC_PARTS } from './synthetic/synthetic-parts';
import { ukBiobank } from './uk-biobank';
import { wfdbFolder } from './wfdb-folder';

/** The datasets that the kit can read, in the order in which they are offered. */
export const DATASETS: readonly DatasetFormat[] = [
  ptbXl,
  mimicIvEcg,
  code15,
  samiTrop,
  ikem,
  ukBiobank,
  wfdbFolder,
  ...SYNTHETIC_PARTS.map(({ format }) => format),
];

/**
 * Finds a dataset by name.
 *
 * @throws ArgumentError on an unknown name, with those that there are
 */
export function datasetFormat(name: string): DatasetFormat {
  const format = DATASETS.find((candidate) => candidate.name === name);
  if (format !== undefined) return format;
  const expected = DATASETS.map((candidate) => candidate.name).join(' or ');
  throw new ArgumentError('dataset', { expected, actual: `'${name}'` });
}
