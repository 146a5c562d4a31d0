import type { Figure } from './figure';
import type { Provenance } from './provenance';
import { tableTitle } from './published-tables';
import type { ScoreMeasure } from './score-columns';
import { scorePointsFigure } from './score-points-figure';
import type { ScoreTableReport } from './score-table-report';
import { settingLinesFigure } from './setting-lines-figure';

const AXES: Readonly<Record<string, { readonly axis: string; readonly whole: string }>> = {
  case_ratio_percent: { axis: 'cases among the training ECGs', whole: 'original' },
  data_usage_percent: { axis: 'labels used', whole: '100 %' },
};

/**
 * The figure of a table of scores: points by task for Tables 1 and 3, lines over the setting for Tables 4 and 5.
 *
 * @param report from `table3Report` and the like
 * @param options.provenance told below the title; options.measures the panels of a figure of lines, default mean AUROC,
 *   mean AUPRC and Criteria
 * @returns a Vega-Lite figure
 */
export function scoreTableFigure(
  { table, cells, reference }: Pick<ScoreTableReport, 'table' | 'cells' | 'reference'>,
  options: { readonly provenance: Provenance; readonly measures?: readonly ScoreMeasure[] },
): Figure {
  const { provenance, measures } = options;
  const title = `${table.title} (${tableTitle(table.name)})`;
  if (table.setting === undefined) {
    const description = `${table.title}: AUROC and AUPRC by task, ours beside the paper's.`;
    return scorePointsFigure(cells, { title, description, provenance });
  }
  const { axis, whole } = AXES[table.setting];
  return settingLinesFigure(cells, {
    title,
    description: `${table.title}: scores by ${axis}, a line a model, ours beside the paper's.`,
    setting: table.setting,
    axis,
    whole: reference && { cells: reference, label: whole },
    measures,
    provenance,
  });
}
