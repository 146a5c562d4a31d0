/** A score in a chart, with its interval and, where there is one, the paper's. */
export interface ScorePoint {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly paper?: number;
}

/** From the lowest to the highest of the intervals and the paper's scores. */
export function rangeOfPoints(points: readonly ScorePoint[]): [number, number] {
  const low = Math.min(...points.map(({ low, paper = low }) => Math.min(low, paper)));
  const high = Math.max(...points.map(({ high, paper = high }) => Math.max(high, paper)));
  return [low, high];
}

/** What Vega-Lite shows of a point under the mouse: its model, what it is of (`task`, `setting`), its figures. */
export function pointTooltip(of: string) {
  const number = (field: string, title: string) => ({ field, title, type: 'quantitative', format: '.3f' });
  return [
    { field: 'model', title: 'model', type: 'nominal' },
    { field: of, title: of, type: 'nominal' },
    number('value', 'ours'),
    number('low', 'from'),
    number('high', 'to'),
    number('paper', 'paper'),
  ];
}
