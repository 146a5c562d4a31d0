import { ArgumentError } from '../errors';
import type { DatasetFormat } from './dataset';
import { mimicIvEcg } from './mimic-iv-ecg';
import { ptbXl } from './ptb-xl';
import { synthetic } from './synthetic/synthetic-formats';
import { ukBiobank } from './uk-biobank';
import { wfdbFolder } from './wfdb-folder';

/** The datasets that the kit can read, in the order in which they are offered. */
export const DATASETS: readonly DatasetFormat[] = [ptbXl, mimicIvEcg, ukBiobank, wfdbFolder, synthetic];

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
