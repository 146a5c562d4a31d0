import { showBundle } from './notebook';
import { table7Html, table7Text } from './table-7-html';
import type { Table7Report } from './table-7-report';

/** Shows Table 7 in the notebook as HTML, elsewhere as text; as `table7Html`. */
export function showTable7(report: Table7Report): void {
  showBundle({ 'text/html': table7Html(report), 'text/plain': table7Text(report) });
}
