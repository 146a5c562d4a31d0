import type { Predictions } from '../metrics/predictions';
import { TASKS, type Task } from '../metrics/tasks';
import { type Figure, figureTitle, vegaLiteFigure } from './figure';
import type { CurvePoint, Scored } from './mean-curves';
import { MODEL_COLOURS, QUIET_INK } from './palette';
import { MODEL_NAMES, type ModelName } from './probed-model';
import { ofPart, type Provenance } from './provenance';
import { rowName, type ScoredModel, shapeName } from './scored-model';
import { settingWords } from './setting-words';

/** A model on the test ECGs; several with one name, architecture and setting are its seeds. */
export type CurveModel = Pick<ScoredModel, 'model' | 'architecture' | 'setting' | 'predictions'> &
  Partial<Pick<ScoredModel, 'runs'>>;

export interface TaskCurvesOptions {
  readonly title?: string;
  /** A panel each; default all four. */
  readonly tasks?: readonly Task[];
  /** Its run names are taken from the models where it has none. */
  readonly provenance?: Provenance;
}

/** How the curves of a figure are made and named. */
export interface TaskCurves {
  readonly title: string;
  readonly how: string;
  /** Added to it where a model has several seeds. */
  readonly howSeeds: string;
  readonly description: string;
  readonly axes: readonly [x: string, y: string];
  /** The curve of a model from its seeds. */
  readonly curve: (runs: readonly Scored[]) => CurvePoint[];
  /** Both ends of the line of chance, or of perfection. */
  readonly guide: (labels: ArrayLike<number>) => readonly CurvePoint[];
  /** Whether the points of a curve are marked, where there are few. */
  readonly marked?: boolean;
}

/** Side of a panel, px, by the number of panels. */
const SIZES: Readonly<Record<number, number>> = { 1: 320, 2: 270 };
const MANY = 215;
/** The first panel's axis labels stick out above it by this much, and lift its title. */
const LABEL_OVERHANG = 5;
/** Marks of more models hide each other. */
const MOST_MARKED = 3;

/**
 * Curves of several models, a panel a task, a line a model; the ECGs with the diagnosis are counted above each panel.
 *
 * @param models of one test set; a model's further architectures or settings are dashed
 * @param curves what is drawn; options title, tasks, provenance
 * @returns a Vega-Lite figure
 */
export function taskCurvesFigure(
  models: readonly CurveModel[],
  { curves, ...options }: TaskCurvesOptions & { readonly curves: TaskCurves },
): Figure {
  const { tasks = TASKS, title = curves.title, provenance } = options;
  const series = seriesOf(models);
  const panels = tasks.map((task, at) => {
    const lines = series.flatMap(({ name, seeds }) => {
      const runs = seeds.map(({ labels, scores }) => ({ labels: labels[task], scores: scores[task] }));
      return curves.curve(runs).map(({ x, y }, order) => ({ model: name, order, x: short(x), y: short(y) }));
    });
    const labels = series[0].seeds[0].labels[task];
    const guide = curves.guide(labels).map(({ x, y }) => ({ x: short(x), y: short(y) }));
    return panel(`${task}, ${countWords(labels)}`, {
      lines,
      guide,
      series,
      curves,
      size: SIZES[tasks.length] ?? MANY,
      first: at === 0,
    });
  });
  return vegaLiteFigure(curves.description, {
    title: figureTitle(title, {
      how: series.some(({ seeds }) => seeds.length > 1) ? `${curves.how} ${curves.howSeeds}` : curves.how,
      provenance: provenance && ofPart(provenance, models),
    }),
    hconcat: panels,
    spacing: 22,
    resolve: { scale: { color: 'shared', strokeDash: 'shared' } },
  });
}

interface Series {
  readonly name: string;
  readonly model: ModelName;
  readonly dash: readonly number[];
  readonly seeds: readonly Predictions[];
}

/** The models in the order of `MODEL_NAMES`; where one has several rows, what tells them apart follows its name. */
function seriesOf(models: readonly CurveModel[]): Series[] {
  const rows = new Map<string, CurveModel[]>();
  for (const one of MODEL_NAMES.flatMap((name) => models.filter(({ model }) => model === name))) {
    const key = rowName({ ...one, setting: one.setting ?? {} });
    rows.set(key, [...(rows.get(key) ?? []), one]);
  }
  const all = [...rows.values()];
  return all.map((seeds) => {
    const [{ model, architecture, setting = {} }] = seeds;
    const alike = all.filter(([first]) => first.model === model);
    const place = alike.indexOf(seeds);
    const shapes = new Set(alike.map(([first]) => shapeName(first.architecture)));
    const apart = [shapes.size > 1 ? shapeName(architecture) : '', settingWords(setting)].filter((word) => word !== '');
    return {
      name: [model, ...(alike.length > 1 ? apart : [])].join(', '),
      model,
      dash:
        place === 0
          ? [1, 0]
          : [
              [6, 3],
              [2, 2],
              [8, 2, 2, 2],
            ][(place - 1) % 3],
      seeds: seeds.map(({ predictions }) => predictions),
    };
  });
}

function panel(
  title: string,
  parts: {
    lines: object[];
    guide: object[];
    series: readonly Series[];
    curves: TaskCurves;
    size: number;
    first: boolean;
  },
) {
  const { lines, guide, series, curves, size, first } = parts;
  const domain = series.map(({ name }) => name);
  const legend = {
    orient: 'top',
    title: null,
    direction: 'horizontal',
    columns: size === MANY ? 3 : 2,
    labelLimit: 320,
    symbolType: 'stroke',
    symbolStrokeWidth: 3,
    symbolSize: 320,
    columnPadding: 18,
  };
  const dashed = series.some(({ dash }) => dash[1] !== 0);
  const axis = { values: [0, 0.25, 0.5, 0.75, 1], format: '.2~f', labelFlush: false };
  const [x, y] = curves.axes.map((title) => ({ ...axis, title }));
  const scale = { domain: [0, 1], nice: false };
  const place = {
    x: { field: 'x', type: 'quantitative', axis: x, scale },
    y: {
      field: 'y',
      type: 'quantitative',
      axis: first ? y : { ...y, title: null, labels: false, ticks: false },
      scale,
    },
  };
  const colour = {
    field: 'model',
    type: 'nominal',
    scale: { domain, range: series.map(({ model }) => MODEL_COLOURS[model]) },
    legend,
  };
  const dash = { field: 'model', type: 'nominal', scale: { domain, range: series.map((one) => one.dash) }, legend };
  const marks = { ...place, color: colour, ...(dashed ? { strokeDash: dash } : {}) };
  return {
    title: { text: title, fontSize: 13, anchor: 'start', offset: first ? 8 : 8 + LABEL_OVERHANG },
    width: size,
    height: size,
    layer: [
      {
        data: { values: guide },
        mark: { type: 'line', stroke: QUIET_INK, strokeWidth: 1, strokeDash: [2, 3] },
        encoding: place,
      },
      {
        data: { values: lines },
        mark: {
          type: 'line',
          strokeWidth: 1.7,
          ...(curves.marked && series.length <= MOST_MARKED ? { point: { size: 24, aria: false } } : {}),
        },
        encoding: { ...marks, order: { field: 'order', type: 'quantitative' } },
      },
    ],
  };
}

function countWords(labels: ArrayLike<number>): string {
  const positives = Array.from(labels).reduce((sum, label) => sum + label, 0);
  return `${positives.toLocaleString('en-US')} of ${labels.length.toLocaleString('en-US')} ECGs`;
}

function short(value: number): number {
  return Number(value.toFixed(3));
}
