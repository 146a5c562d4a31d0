import { type JudgedClaim, judgeClaims } from './claim';
import { TABLE_2_CLAIMS } from './claims-table-2';
import type { PublishedTables } from './published-tables';
import { type Table2Cell, table2Cells } from './table-2';
import { publishedTable2Evidence, table2Evidence } from './table-2-evidence';
import type { SeenShare } from './table-2-notes';
import { type RiskModel, type RiskResampleOptions, resampleRisks } from './table-2-resampled';

/** Table 2 with what the paper claims about it. */
export interface Table2Report {
  /** Of both modes. */
  readonly cells: readonly Table2Cell[];
  /** On the robust mode. */
  readonly claims: readonly JudgedClaim[];
  /** How many of the ECGs of B_tr the encoders were pretrained on: all, as Dubois et al. ask for; the paper's on none. */
  readonly pretrainedOnTraining: SeenShare;
}

/**
 * Makes Table 2 and judges its claims.
 *
 * Claims are judged in the robust mode: the paper mode counts its held-out error on 50 ECGs, with a standard error of
 * about .06, as large as the terms that it is part of.
 *
 * @param models every encoder, all seeds, on the same subsets
 * @param options.published the paper's tables; options.pretrainedOnTraining how many of the ECGs of B_tr the encoders
 *   have seen in pretraining; resamples and seed of the bootstrap
 * @returns cells with 95 % intervals, and claims judged on the paper's figures and on ours
 */
export function table2Report(
  models: readonly RiskModel[],
  options: RiskResampleOptions & { readonly published: PublishedTables; readonly pretrainedOnTraining: SeenShare },
): Table2Report {
  const { published, pretrainedOnTraining, ...resampling } = options;
  const rows = resampleRisks(models, resampling);
  const paper = publishedTable2Evidence(published['table-2']);
  const ours = table2Evidence(rows.filter(({ mode }) => mode === 'robust'));
  return {
    cells: table2Cells(rows, published['table-2']),
    claims: judgeClaims(TABLE_2_CLAIMS, { paper, ours }),
    pretrainedOnTraining,
  };
}
