import { ArgumentError } from '../errors';
import type { FeatureMatrix } from '../evaluate/feature-matrix';
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

/**
 * Maps of embeddings: each encoder's features on their first two principal components, a point an ECG, coloured by class.
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
  const axis = (words: string) => ({ title: words, labels: false, ticks: false, grid: false, domain: false });
  return vegaLiteFigure(`${title}: ${maps.map((map) => map.title).join(', ')}; coloured by superclass.`, {
    title: figureTitle(title, { how: 'A point an ECG, its colour the superclass.', provenance }),
    hconcat: maps.map((map) => {
      const { x, y, explained } = principalPlane(map.features);
      const share = explained.map((part) => `${Math.round(100 * part)} % of the variance`);
      return {
        title: { text: map.title, fontSize: 13, anchor: 'start', offset: 8 },
        width: side,
        height: side,
        view: { stroke: '#cfcfcf' },
        data: { values: rows.map((row) => ({ x: short(x[row]), y: short(y[row]), label: labels[row] })) },
        mark: { type: 'point', filled: true, size: 20, opacity: 0.7, aria: false },
        encoding: {
          x: { field: 'x', type: 'quantitative', axis: axis(`component 1, ${share[0]}`), scale: { zero: false } },
          y: { field: 'y', type: 'quantitative', axis: axis(`component 2, ${share[1]}`), scale: { zero: false } },
          color: colour,
        },
      };
    }),
    spacing: 24,
    resolve: { scale: { color: 'shared' } },
  });
}

function short(value: number): number {
  return Number(value.toPrecision(4));
}
