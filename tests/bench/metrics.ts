import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { averagePrecisionScore } from '../../lib/metrics/average-precision';
import { bootstrapInterval } from '../../lib/metrics/bootstrap-interval';
import { rocAucScore } from '../../lib/metrics/roc-auc';
import { randomStream } from '../../lib/random';
import { type BenchRow, sideBySide, startPythonPeer } from './python-peer';

const RECORDS = 2198; // of PTB-XL's test fold
const PATIENTS = 1904;

/** Metrics beside scikit-learn, on as many records and patients as PTB-XL's test fold has. */
export async function benchMetrics(): Promise<BenchRow[]> {
  const stream = randomStream(0, 'bench');
  const labels = Uint8Array.from({ length: RECORDS }, () => Number(stream.uniform() < 0.25));
  const scores = Float64Array.from(labels, (label) => 1.5 * label + stream.normal());
  const patients = Uint32Array.from({ length: RECORDS }, (_, record) => {
    return record < PATIENTS ? record : stream.integer(PATIENTS);
  });
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  try {
    writeFileSync(join(folder, 'labels'), labels);
    writeFileSync(join(folder, 'scores'), scores);
    writeFileSync(join(folder, 'patients'), patients);
    const peer = await startPythonPeer('metrics_peer.py', folder);
    const bootstrap = () => {
      bootstrapInterval(labels, scores, { measure: 'auroc', groups: patients }); // one walk gives both areas
    };
    const score = () => {
      for (let i = 0; i < 100; i++) {
        rocAucScore(labels, scores);
        averagePrecisionScore(labels, scores);
      }
    };
    const rows = [
      await sideBySide('1,000 bootstraps by patient of AUROC and AUPRC, n = 2,198', bootstrap, {
        peer,
        work: 'bootstrap',
        peerName: 'a loop over scikit-learn',
      }),
      await sideBySide('100 x AUROC and AUPRC, n = 2,198', score, { peer, work: 'score', peerName: 'scikit-learn' }),
    ];
    peer?.stop();
    return rows;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
