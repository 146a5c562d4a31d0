import { Argument, InvalidArgumentError } from 'commander';
import { DATASETS } from 'hybrid-ecg';
import type { DatasetSource } from '../sources/dataset-source';

/** The argument DATASET… of commands that read datasets. */
export function knownDatasets(): Argument {
  const titles = DATASETS.map(({ name, title }) => `${name}: ${title}`).join('; ');
  return new Argument('<dataset...>', titles).choices(DATASETS.map(({ name }) => name));
}

/** The argument DATASET… of commands that download. */
export function downloadableDatasets(sources: readonly DatasetSource[]): Argument {
  const licences = sources.map(({ dataset, licence }) => `${dataset} (${licence})`).join('; ');
  return new Argument('<dataset...>', licences).choices(sources.map(({ dataset }) => dataset));
}

/** Parses an option. */
export function wholeNumber(text: string): number {
  if (!/^\d+(\.0+)?$/.test(text)) throw new InvalidArgumentError('expected a whole number');
  return Number(text);
}

/** Parses an option. */
export function positiveNumber(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('expected a whole number, at least 1');
  return Number(text);
}
