import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Dataset } from '../../lib/datasets/dataset';
import { openPtbXl } from '../../lib/datasets/ptb-xl';
import { writeSyntheticCohort } from '../../lib/datasets/synthetic/synthetic-cohort';
import { readCsv, writeCsv } from '../../lib/io/csv';
import { readWfdbRecord, type WfdbRecord } from '../../lib/io/wfdb';
import { writeWfdbRecord } from '../../lib/io/write-wfdb';
import { writeStore } from '../../lib/store/write-store';
import { secondsOfIndependent } from './independent-processes';
import { type BenchRow, median, sideBySide, startPythonPeer } from './python-peer';
import { memoryWhileStandardising } from './standardise-memory';

const SYNTHETIC_RECORDS = 500;
/** How often the worker processes are given each record: about as many records as PTB-XL has. */
const REPEATS = 44;

/**
 * WFDB records to a standardised store in one process, beside wfdb-python and beside a bare NumPy reader, both with SciPy's
 * resample_poly and one numpy.save; and two worker processes beside one, and beside two that work alone.
 *
 * Ours does more: it verifies checksums, looks for unusable records and duplicates, hashes and syncs what it writes. The
 * records are 500 of PTB-XL where they are, else the synthetic cohort's.
 *
 * @param options.records instead of all that: resident size while so many made-up records are standardised
 */
export async function benchStandardise({ records }: { records?: number } = {}): Promise<BenchRow[]> {
  if (records !== undefined) return memoryWhileStandardising(records);
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  try {
    const real = realRecords();
    if (real === undefined) await writeSyntheticCohort(folder, { ecgs: SYNTHETIC_RECORDS });
    else linkRecords(real, folder);
    writeLowRate(folder);
    const peer = await startPythonPeer('standardise_peer.py', folder);
    const rows: BenchRow[] = [];
    for (const [rate, work] of [
      [500, 'records500 1 2'],
      [100, 'records100 5 2'],
    ] as const) {
      const dataset = openPtbXl(folder, { rate });
      const run = () => standardiseAll(dataset, folder);
      await run(); // warms up
      const kind = real === undefined ? 'synthetic ECGs' : 'ECGs of PTB-XL';
      const what = `standardise ${dataset.rows.length} ${kind}, 12 leads, 10 s, ${rate} Hz, one process`;
      for (const [reader, peerName] of [
        ['wfdb', 'wfdb, SciPy, NumPy'],
        ['numpy', 'bare NumPy reader, SciPy'],
      ]) {
        await peer?.seconds(`${reader} ${work}`);
        rows.push(await sideBySide(what, run, { peer, work: `${reader} ${work}`, peerName }));
      }
    }
    peer?.stop();
    rows.push(...(await twoWorkers(folder)));
    return rows;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Each time into a folder of its own: the peer deletes nothing either. */
async function standardiseAll(dataset: Dataset, folder: string, options: { workers?: number } = {}): Promise<void> {
  const to = mkdtempSync(join(folder, 'store-'));
  await writeStore(to, dataset, { quality: { rejectDuplicates: false }, ...options });
}

/** 500 records of PTB-XL at 500 Hz, where the cache or `HYBRID_ECG_REAL_DATA` has them. */
function realRecords(): string | undefined {
  const sets = process.env.HYBRID_ECG_REAL_DATA ?? join(homedir(), '.cache/hybrid-ecg/real-ecgs');
  const folder = join(sets, 'ptb-xl-500hz-500');
  return existsSync(join(folder, 'ptbxl_database.csv')) ? folder : undefined;
}

/** A folder of PTB-XL's layout with the same tables and records. */
function linkRecords(from: string, to: string): void {
  for (const name of ['ptbxl_database.csv', 'scp_statements.csv']) cpSync(join(from, name), join(to, name));
  symlinkSync(join(from, 'records500'), join(to, 'records500'));
}

/**
 * Two worker processes beside one, on a table that names each record several times; and, as what the machine can give,
 * two processes that do the whole each.
 */
async function twoWorkers(folder: string): Promise<BenchRow[]> {
  const many = join(folder, 'many');
  mkdirSync(many);
  linkRecords(folder, many);
  const table = readCsv(join(folder, 'ptbxl_database.csv'));
  const rows = Array.from({ length: REPEATS }, () => table).flat();
  const numbered = rows.map((row, i) => ({ ...row, ecg_id: String(i + 1) }));
  writeCsv(join(many, 'ptbxl_database.csv'), Object.keys(table[0]), numbered);
  const dataset = openPtbXl(many, { rate: 500 });
  const seconds = async (workers: number) => {
    const start = performance.now();
    await standardiseAll(dataset, many, { workers });
    const taken = (performance.now() - start) / 1000;
    for (const name of readdirSync(many)) if (name.startsWith('store-')) rmSync(join(many, name), { recursive: true });
    return taken;
  };
  const [one, two, independent]: number[][] = [[], [], []];
  for (let round = 0; round < 3; round++) {
    one.push(await seconds(1));
    two.push(await seconds(2));
    independent.push(await secondsOfIndependent(2, many));
  }
  const what = `standardise ${rows.length} ECGs, 500 Hz`;
  const peer = { unit: 's', peer: median(one), peerName: 'one process' } as const;
  return [
    { ...peer, what: `${what}, two worker processes`, ours: median(two), ratio: median(one) / median(two) },
    {
      ...peer,
      what: `${what}, two processes that do all of it each (ratio: work done in the time)`,
      ours: median(independent),
      ratio: (2 * median(one)) / median(independent),
    },
  ];
}

/** The records at 100 Hz too: every fifth sample, for only the work counts here. */
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
    const adc = source.adc.map((lead) => Int16Array.from(lead).filter((_, s) => s % 5 === 0));
    writeWfdbRecord(join(folder, low[i].file), { fsHz: 100, leads: source.leads, adc, gainPerMv: source.gains[0] });
  });
}
