import { join } from 'node:path';
import { type Backend, useEngine } from '../engine/use-engine';
import { findCheckout } from './checkout';
import { readProfile } from './profiles';
import { StudyContext, type Watch } from './study-context';
import { openStudyStores } from './study-stores';

/** Which study, and where it lies. */
export interface StudyOpening {
  /** `tiny`, `ptbxl-quick`, `ptbxl`, `paper`, or the path of a JSON file with a profile's settings. */
  readonly profile: string;
  /** The checkout, where `data`, `runs`, `paper-tables` and `figures` lie; default: the one around this folder. */
  readonly folder?: string;
  /** Holds `raw/` and `standardised/`; default `data` in the checkout. */
  readonly dataFolder?: string;
  /** Holds a folder a run; default `runs` in the checkout. */
  readonly runsFolder?: string;
}

export interface StudyOptions extends StudyOpening, Watch {}

/**
 * Opens what every table of a study is made from.
 *
 * @param options.backend, threads see `useEngine`
 */
export async function openContext({
  backend,
  threads,
  ...options
}: StudyOptions & { backend?: Backend; threads?: number }): Promise<StudyContext> {
  const profile = readProfile(options.profile);
  const folder = options.folder ?? findCheckout(process.cwd());
  const engine = await useEngine({ backend, threads });
  const { onProgress, signal, dataFolder = join(folder, 'data'), runsFolder = join(folder, 'runs') } = options;
  const stores = await openStudyStores(dataFolder, profile, options);
  const watch = { onProgress, signal };
  return new StudyContext({ profile, stores, engine, folder, dataFolder, runsFolder, watch });
}
