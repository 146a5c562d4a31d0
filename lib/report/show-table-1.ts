import { showBundle } from './notebook';
import { type Table1HtmlOptions, table1Html, table1Text } from './table-1-html';
import type { Table1Cell } from './table-1-report';

/** Shows Table 1 in the notebook as HTML, elsewhere as text; as `table1Html`. */
export function showTable1(cells: readonly Table1Cell[], options: Table1HtmlOptions): void {
  showBundle({ 'text/html': table1Html(cells, options), 'text/plain': table1Text(cells, options) });
}
