import { showBundle } from './notebook';
import { table6Html, table6Text } from './table-6-html';
import type { Table6Report } from './table-6-report';

/** Shows Table 6 in the notebook as HTML, elsewhere as text; as `table6Html`. */
export function showTable6(report: Table6Report): void {
  showBundle({ 'text/html': table6Html(report), 'text/plain': table6Text(report) });
}
