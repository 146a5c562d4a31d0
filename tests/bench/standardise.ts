import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Dataset } from '../../lib/datasets/dataset';
import { openPtbXl } from '../../lib/datasets/ptb-xl';
import { writeSyntheticCohort } from '../../lib/datasets/synthetic/synthetic-cohort';
import { readWfdbRecord, type WfdbRecord } from '../../lib/io/wfdb';
import { writeWfdbRecord } from '../../lib/io/write-wfdb';
import { writeStore } from '../../lib/store/write-store';
import { type BenchRow, sideBySide, startPythonPeer } from './python-peer';

const RECORDS = 300;

/**
 * WFDB records to a standardised store, beside wfdb-python, SciPy's resample_poly and numpy.save in one process.
 *
 * Ours does more: it verifies checksums, looks for unusable records, hashes and syncs what it writes.
 */
export async function benchStandardise(): Promise<BenchRow[]> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  try {
    await writeSyntheticCohort(folder, { ecgs: RECORDS });
    writeLowRate(folder);
    const peer = await startPythonPeer('standardise_peer.py', folder);
    const rows: BenchRow[] = [];
    for (const [rate, work] of [
      [500, 'records500 1 2'],
      [100, 'records100 5 2'],
    ] as const) {
      const dataset = openPtbXl(folder, { rate });
      const run = () => standardiseAll(dataset, join(folder, 'store'));
      await run(); // warms up
      await peer?.seconds(work);
      const what = `standardise ${dataset.rows.length} ECGs of 12 leads, 10 s, ${rate} Hz`;
      rows.push(await sideBySide(what, run, { peer, work, peerName: 'wfdb, SciPy, NumPy' }));
    }
    peer?.stop();
    return rows;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function standardiseAll(dataset: Dataset, folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  await writeStore(folder, dataset);
}

/** The cohort at 100 Hz too: every fifth sample, for only the work counts here. */
function writeLowRate(folder: string): void {
  mkdirSync(join(folder, 'records100'));
  const low = openPtbXl(folder, { rate: 100 }).rows;
  openPtbXl(folder, { rate: 500 }).rows.forEach((row, i) => {
    let source: WfdbRecord;
    try {
      source = readWfdbRecord(join(folder, row.file));
    } catch {
      return; // cut short on purpose
    }
    const adc = source.adc.map((lead) => lead.filter((_, s) => s % 5 === 0));
    writeWfdbRecord(join(folder, low[i].file), { fsHz: 100, leads: source.leads, adc, gainPerMv: source.gains[0] });
  });
}
