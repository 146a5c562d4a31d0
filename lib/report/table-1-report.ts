import { type JudgedClaim, judgeClaims } from './claim';
import { TABLE_1_CLAIMS } from './claims-table-1';
import type { ProbedModel } from './probed-model';
import type { PublishedTables } from './published-tables';
import { type ResampleOptions, resampleModels } from './resampled-models';
import { type Table1Cell, table1Cells } from './table-1';
import { publishedTable1Evidence, table1Evidence } from './table-1-evidence';

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
export function table1Report(
  models: readonly ProbedModel[],
  options: ResampleOptions & { readonly published: PublishedTables },
): Table1Report {
  const published = options.published['table-1'];
  const rows = resampleModels(models, options);
  const paper = publishedTable1Evidence(published);
  const ours = table1Evidence(rows.filter(({ probe }) => probe === 'tuned'));
  return { cells: table1Cells(rows, published), claims: judgeClaims(TABLE_1_CLAIMS, { paper, ours }) };
}
