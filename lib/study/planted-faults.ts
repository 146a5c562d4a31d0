import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readCsv } from '../io/csv';
import type { PlantedFault } from '../report/planted-fault-rows';
import { readManifest } from '../store/manifest';
import { datasetFolders } from './dataset-folders';

/**
 * Compares what the synthetic cohort planted (`planted.json`) with what standardising rejected (`rejected.csv`), record by
 * record.
 *
 * @param dataFolder holds `raw/` and `standardised/`
 */
export function plantedFaults(dataFolder: string): PlantedFault[] {
  return datasetFolders(dataFolder, { synthetic: true }).flatMap(({ name, store, raw }) => {
    const note = raw === undefined ? undefined : join(raw, 'planted.json');
    if (store === undefined || note === undefined || !existsSync(note)) return [];
    const { planted } = JSON.parse(readFileSync(note, 'utf8')) as { planted: Record<string, string[]> };
    const table = join(store, readManifest(store).rejectedRows.file);
    const rejected = readCsv(table, { columns: ['record_id', 'reason'] });
    const reasons = new Set([...Object.keys(planted), ...rejected.map(({ reason }) => reason)]);
    return [...reasons].map((reason) => {
      const broken = new Set(planted[reason] ?? []);
      const own = rejected.filter((row) => row.reason === reason);
      const found = own.filter((row) => broken.has(row.record_id)).length;
      return { store: name, reason, planted: broken.size, found, wronglyRejected: own.length - found };
    });
  });
}
