import type { JudgedClaim } from './claim';
import type { ProbedModel, ProbeName } from './probed-model';
import type { ScoreCell } from './score-cells';
import { TABLE_1 } from './score-table';
import { type ScoreTableReportOptions, scoreTableReport } from './score-table-report';
import { scoredModelOf } from './scored-model';

/** A cell of Table 1; the probe is its setting. */
export interface Table1Cell extends ScoreCell {
  readonly probe: ProbeName;
}

/** Table 1 with what the paper claims about it. */
export interface Table1Report {
  /** Of both probes. */
  readonly cells: readonly Table1Cell[];
  /** On the tuned probe. */
  readonly claims: readonly JudgedClaim[];
}

/**
 * Makes Table 1 and judges its claims.
 *
 * @param models every encoder with its weak and its tuned probe, all seeds, on the same test ECGs
 * @param options.published the paper's tables; resamples, seed, unit of the bootstrap
 * @returns cells with 95 % intervals, and claims judged on the paper's figures and on ours
 */
export function table1Report(models: readonly ProbedModel[], options: ScoreTableReportOptions): Table1Report {
  const { cells, claims } = scoreTableReport(models.map(scoredModelOf), {
    ...options,
    table: TABLE_1,
    judged: ({ setting }) => setting.probe === 'tuned',
  });
  return { cells: cells.map((cell) => ({ ...cell, probe: cell.setting.probe as ProbeName })), claims };
}
