import { showBundle } from './notebook';
import { type Table2HtmlOptions, table2Html, table2Text } from './table-2-html';
import type { Table2Report } from './table-2-report';

/** Shows Table 2 in the notebook as HTML, elsewhere as text; as `table2Html`. */
export function showTable2(report: Omit<Table2Report, 'claims'>, options: Table2HtmlOptions): void {
  showBundle({ 'text/html': table2Html(report, options), 'text/plain': table2Text(report, options) });
}
