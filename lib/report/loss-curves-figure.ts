import { type Figure, figureTitle, vegaLiteFigure } from './figure';
import { MODEL_COLOURS } from './palette';
import { MODEL_NAMES, type ModelName } from './probed-model';
import type { Provenance } from './provenance';
import { textWidth } from './text-width';

/** One loss of one pretraining run over its steps. */
export interface LossCurve {
  readonly model: ModelName;
  /** Which loss, in words, e.g. 'reconstruction (mV)'; curves with one name share a panel. */
  readonly loss: string;
  /** [point] the step of each value, ascending. */
  readonly steps: ArrayLike<number>;
  /** [point] */
  readonly values: ArrayLike<number>;
}

export interface LossCurvesFigureOptions {
  readonly title?: string;
  readonly provenance?: Provenance;
}

/** A bold title of 13 px is as wide as a regular one of 14. */
const BOLD_SIZE = 14;
/** More points than this cannot be told apart in a panel. */
const MOST_POINTS = 200;
/** HL shares each of its losses with another method and often runs on its line: dashed, it lets that one be seen. */
const DASHES: Partial<Record<ModelName, readonly number[]>> = { 'Hybrid Learning': [6, 4] };

/**
 * Loss curves: a panel a loss, a line a method, so that methods that share a loss can be compared. HL's is dashed.
 *
 * A long curve is drawn as the means of 200 stretches of steps.
 *
 * @param curves of any methods; panels in the order in which losses first come
 * @param options title, provenance
 * @returns a Vega-Lite figure
 */
export function lossCurvesFigure(curves: readonly LossCurve[], options: LossCurvesFigureOptions = {}): Figure {
  const { title = 'Pretraining losses', provenance } = options;
  const losses = [...new Set(curves.map(({ loss }) => loss))];
  const models = MODEL_NAMES.filter((name) => curves.some(({ model }) => model === name));
  const width = losses.length === 1 ? 640 : losses.length === 2 ? 340 : 250;
  const legend = {
    orient: 'top',
    title: null,
    direction: 'horizontal',
    symbolType: 'stroke',
    symbolSize: 500,
    symbolStrokeWidth: 3,
    columnPadding: 18,
  };
  const byModel = (range: readonly unknown[]) => {
    return { field: 'model', type: 'nominal', scale: { domain: models, range }, legend };
  };
  return vegaLiteFigure(`${title}: ${losses.join(', ')}`, {
    title: figureTitle(title, { provenance }),
    hconcat: losses.map((loss) => ({
      title: { text: wrapped(loss, width), fontSize: 13, anchor: 'start', offset: 8 },
      width,
      height: 220,
      data: { values: curves.filter((curve) => curve.loss === loss).flatMap(points) },
      mark: { type: 'line', strokeWidth: 2.5 },
      encoding: {
        x: {
          field: 'step',
          type: 'quantitative',
          axis: { title: 'step', tickCount: 4, format: ',d', labelFlush: false },
        },
        y: { field: 'value', type: 'quantitative', axis: { title: 'loss', tickCount: 6 }, scale: { zero: false } },
        color: byModel(models.map((model) => MODEL_COLOURS[model])),
        strokeDash: byModel(models.map((model) => DASHES[model] ?? [1, 0])),
      },
    })),
    spacing: 24,
    resolve: { scale: { color: 'shared', strokeDash: 'shared' } },
  });
}

/** A panel's title in as many lines as its width asks for. */
function wrapped(title: string, width: number): string[] {
  const lines = [''];
  for (const word of title.match(/\([^()]*\)|\S+/g) ?? []) {
    const longer = `${lines[lines.length - 1]} ${word}`.trim();
    if (textWidth(longer, BOLD_SIZE) <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

function points({ model, steps, values }: LossCurve) {
  const n = steps.length;
  const count = Math.min(n, MOST_POINTS);
  return Array.from({ length: count }, (_, i) => {
    const [from, to] = [Math.floor((i * n) / count), Math.floor(((i + 1) * n) / count)];
    let [step, value] = [0, 0];
    for (let at = from; at < to; at++) {
      step += steps[at] / (to - from);
      value += values[at] / (to - from);
    }
    return { model, step: Number(step.toFixed(1)), value: Number(value.toPrecision(5)) };
  });
}
