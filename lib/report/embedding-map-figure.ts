import { ArgumentError } from '../errors';
import type { FeatureMatrix } from '../evaluate/feature-matrix';
import { percentile } from '../metrics/percentile';
import { randomStream } from '../random';
import { type Figure, figureTitle, vegaLiteFigure } from './figure';
import { SUPERCLASS_COLOURS } from './palette';
import { principalPlane } from './principal-plane';
import type { Provenance } from './provenance';

/** The embeddings of one encoder. */
export interface EmbeddingMap {
  /** Above the map, e.g. 'Hybrid Learning'. */
  readonly title: string;
  readonly features: FeatureMatrix;
}

export interface EmbeddingMapFigureOptions {
  readonly title?: string;
  readonly provenance?: Provenance;
  /** Points drawn at most, chosen at random; default 250. The components are those of all points. */
  readonly mostPoints?: number;
}

/** Room beyond the 1st and 99th percentile, in parts of what is between: a point far out would squeeze all the others. */
const MARGIN = 0.15;

/**
 * Maps of embeddings: each encoder's features on their first two principal components, a point an ECG, coloured by class.
 *
 * An ECG that lies far outside is drawn hollow at the edge, and the caption says so.
 *
 * @param maps one an encoder, their rows the same ECGs
 * @param labels [row] the superclass to show: NORM, MI, STTC, CD, HYP or other
 * @param options title, provenance, mostPoints
 * @returns a Vega-Lite figure
 * @throws ArgumentError when a map has another number of rows than there are labels
 */
export function embeddingMapFigure(
  maps: readonly EmbeddingMap[],
  labels: readonly string[],
  options: EmbeddingMapFigureOptions = {},
): Figure {
  const { title = 'Embeddings on their first two principal components', provenance, mostPoints = 250 } = options;
  for (const map of maps) {
    if (map.features.rows === labels.length) continue;
    const actual = `${map.features.rows} for ${map.title}`;
    throw new ArgumentError('embedding map', { expected: `${labels.length} rows, one a label`, actual });
  }
  const rows = randomStream(0, 'embedding map')
    .shuffled(labels.map((_, row) => row))
    .slice(0, mostPoints);
  const classes = Object.keys(SUPERCLASS_COLOURS).filter((name) => labels.includes(name));
  const side = maps.length <= 2 ? 320 : maps.length === 3 ? 255 : 190;
  const colour = {
    field: 'label',
    type: 'nominal',
    scale: { domain: classes, range: classes.map((name) => SUPERCLASS_COLOURS[name]) },
    legend: {
      orient: 'top',
      title: null,
      direction: 'horizontal',
      symbolSize: 90,
      symbolOpacity: 1,
      symbolType: 'circle',
    },
  };
  const planes = maps.map((map) => {
    const { x, y, explained } = principalPlane(map.features);
    const [across, up] = [x, y].map(visibleRange);
    const points = rows.map((row): Point => {
      const [atX, atY] = [within(x[row], across), within(y[row], up)];
      return { x: short(atX), y: short(atY), label: labels[row], outside: atX !== x[row] || atY !== y[row] };
    });
    return { title: map.title, explained, across, up, points };
  });
  const outside = planes.some(({ points }) => points.some((point) => point.outside));
  return vegaLiteFigure(`${title}: ${maps.map((map) => map.title).join(', ')}; coloured by superclass.`, {
    title: figureTitle(title, {
      how: `A point an ECG, its colour the superclass.${outside ? ' Hollow, at the edge: it lies farther out.' : ''}`,
      provenance,
    }),
    hconcat: planes.map((plane) => panel(plane, { side, colour })),
    spacing: 24,
    resolve: { scale: { color: 'shared' } },
  });
}

/** An ECG on a map. */
interface Point {
  readonly x: number;
  readonly y: number;
  readonly label: string;
  /** Whether it lies farther out than it is drawn. */
  readonly outside: boolean;
}

/** The ends of an axis. */
type Range = readonly [low: number, high: number];

function panel(
  plane: {
    readonly title: string;
    readonly explained: readonly [number, number];
    readonly across: Range;
    readonly up: Range;
    readonly points: readonly Point[];
  },
  { side, colour }: { readonly side: number; readonly colour: object },
) {
  const [first, second] = plane.explained.map((part, i) => {
    return `component ${i + 1}, ${Math.round(100 * part)} % of the variance`;
  });
  const place = (field: 'x' | 'y', title: string, [low, high]: Range) => {
    const room = 0.03 * (high - low); // for the marks of the outermost points
    const scale = { domain: [short(low - room), short(high + room)], nice: false, zero: false };
    const axis = { title, labels: false, ticks: false, grid: false, domain: false };
    return { field, type: 'quantitative', axis, scale };
  };
  const mark = { type: 'point', size: 20, opacity: 0.7, aria: false };
  return {
    title: { text: plane.title, fontSize: 13, anchor: 'start', offset: 8 },
    width: side,
    height: side,
    view: { stroke: '#cfcfcf' },
    data: { values: plane.points },
    encoding: { x: place('x', first, plane.across), y: place('y', second, plane.up), color: colour },
    layer: [
      { transform: [{ filter: '!datum.outside' }], mark: { ...mark, filled: true } },
      { transform: [{ filter: 'datum.outside' }], mark: { ...mark, filled: false, strokeWidth: 1.4 } },
    ],
  };
}

/** The 1st to 99th percentile with a margin, where there are points. */
function visibleRange(values: Float64Array): Range {
  const sorted = values.slice().sort();
  const [low, high] = [0.01, 0.99].map((share) => percentile(sorted, share));
  const margin = MARGIN * (high - low);
  return [Math.max(sorted[0], low - margin), Math.min(sorted[sorted.length - 1], high + margin)];
}

function within(value: number, [low, high]: Range): number {
  return Math.max(low, Math.min(high, value));
}

function short(value: number): number {
  return Number(value.toPrecision(4));
}
