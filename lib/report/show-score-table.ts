import { showBundle } from './notebook';
import type { Provenance } from './provenance';
import { scoreTableHtml, scoreTableText } from './score-table-html';
import type { ScoreTableReport } from './score-table-report';

/** Shows a table of scores in the notebook as HTML, elsewhere as text; as `scoreTableHtml`. */
export function showScoreTable(
  { table, cells }: Pick<ScoreTableReport, 'table' | 'cells'>,
  { provenance }: { readonly provenance: Provenance },
): void {
  const options = { table, provenance };
  showBundle({ 'text/html': scoreTableHtml(cells, options), 'text/plain': scoreTableText(cells, options) });
}
