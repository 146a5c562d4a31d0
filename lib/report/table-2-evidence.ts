import type { BootstrappedMeasure } from '../metrics/bootstrap-measures';
import type { Evidence } from './claim';
import { ON_AVERAGE, onAverageBest } from './claims-table-2';
import { combined } from './percent-drop';
import type { ModelName } from './probed-model';
import type { PublishedTable } from './published-tables';
import { type EvidenceRow, scoreEvidence } from './score-evidence';
import { RISK_COLUMNS } from './table-2';
import { type ResampledRisk, RISK_FIGURES } from './table-2-resampled';

/** The paper's averages of Table 2 as evidence, as printed. */
export function publishedTable2Evidence(published: PublishedTable): Evidence {
  const rows = published.rows.filter(({ task }) => task.printed === 'average');
  return evidenceOf(
    rows.map((row) => ({
      model: row.model.printed as ModelName,
      figure: (column) => {
        const value = row[column]?.value;
        return value === undefined ? undefined : { value, values: new Float64Array(0) };
      },
    })),
  );
}

/** Our averages in one mode as evidence: each difference with its 95 % interval on the shared resamples. */
export function table2Evidence(rows: readonly ResampledRisk[]): Evidence {
  return evidenceOf(
    rows.map(({ model, figures }) => ({
      model,
      figure: (column) => {
        const figure = RISK_FIGURES.find((name) => RISK_COLUMNS[name] === column);
        return figure === undefined ? undefined : figures.average[figure];
      },
    })),
  );
}

type ModelFigures = Pick<EvidenceRow, 'model' | 'figure'>;

/** Rows of the models, and of every two of them the better one, so that 'another is better' can be judged. */
function evidenceOf(models: readonly ModelFigures[]): Evidence {
  const rows = models.map((own): EvidenceRow => ({ ...own, architecture: '', setting: ON_AVERAGE }));
  const pairs = models.flatMap((one) =>
    models
      .filter((other) => other !== one)
      .map((other): EvidenceRow => {
        return {
          model: one.model,
          architecture: '',
          setting: onAverageBest(one.model, other.model),
          figure: (column) => lower(one.figure(column), other.figure(column)),
        };
      }),
  );
  return scoreEvidence({ 'table-2': [...rows, ...pairs] }, { table: 'table-2' });
}

function lower(a?: BootstrappedMeasure, b?: BootstrappedMeasure): BootstrappedMeasure | undefined {
  return a === undefined || b === undefined ? undefined : combined(a, b, Math.min);
}
