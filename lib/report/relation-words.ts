import type { ClaimCell, ClaimRow, Difference, Relation } from './claim';
import { shortModelName } from './probed-model';
import { tableTitle } from './published-tables';
import { columnTitle } from './score-columns';
import { settingWords } from './setting-words';

/**
 * A comparison in words: 'HL over CL Criteria at 5 % cases', 'drop of SL ViT over drop of HL Criteria at 10 % labels',
 * 'HL less SL ViT at 10 % labels over HL less SL ViT in Table 3 Criteria'; 'below' where lower is better.
 *
 * @param rows which of several rows of the left and of the right model
 */
export function relationWords(
  { left, right, measure, lowerIsBetter }: Relation,
  { leftRow, rightRow }: Pick<Difference, 'leftRow' | 'rightRow'> = {},
): string {
  const places = new Set([left, right].flatMap(placesOf));
  const apart = places.size > 1;
  const [a, b] = [left, right].map((cell) => sideWords(cell, { apart }));
  const words = [
    a,
    leftRow,
    lowerIsBetter ? 'below' : 'over',
    b,
    rightRow,
    columnTitle(measure),
    ...(apart ? [] : places),
  ];
  return words.filter((word) => word !== undefined && word !== '').join(' ');
}

/** One side; with its place where the comparison has several. */
function sideWords(cell: ClaimCell, { apart }: { readonly apart: boolean }): string {
  const places = placesOf(cell);
  const name = (row: ClaimRow, told: boolean) => {
    return [shortModelName(row.model), ...(told && placeOf(row) !== '' ? [placeOf(row)] : [])].join(' ');
  };
  const { minus, dropFrom } = cell;
  if (minus !== undefined) return `${name(cell, apart && places.length > 1)} less ${name(minus, apart)}`;
  if (dropFrom === undefined) return name(cell, apart);
  const from = dropFrom.setting === undefined ? '' : ` from ${settingWords(dropFrom.setting)}`;
  return `drop of ${name(cell, apart)}${from}`;
}

function placesOf(cell: ClaimCell): string[] {
  return [...new Set([cell, ...(cell.minus === undefined ? [] : [cell.minus])].map(placeOf))];
}

/** The setting, or the table where it is another than the claim's. */
function placeOf({ setting = {}, table }: ClaimRow): string {
  const words = settingWords(setting);
  if (words !== '') return words.includes('%') ? `at ${words}` : words;
  return table === undefined ? '' : `in ${tableTitle(table)}`;
}
