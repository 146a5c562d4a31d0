import { FURTHER_SHAPES, MODEL_SHAPES } from './palette';
import type { ModelName } from './probed-model';
import type { ScoreCell } from './score-cells';
import { type EncoderShape, type RowKey, shapeName } from './scored-model';

/** A model of a figure: its name in the legend, its shape, and its cells. */
export interface ScoreSeries<Cell = ScoreCell> {
  readonly name: string;
  readonly model: ModelName;
  readonly architecture: EncoderShape | undefined;
  readonly shape: string;
  readonly cells: readonly Cell[];
}

/** The models of a table; where a model has several architectures, their patch size (else the whole of it) tells them apart. */
export function seriesOf<Cell extends Pick<RowKey, 'model' | 'architecture'>>(
  cells: readonly Cell[],
): ScoreSeries<Cell>[] {
  const groups = new Map<string, Cell[]>();
  for (const cell of cells) {
    const key = `${cell.model} ${shapeName(cell.architecture)}`;
    groups.set(key, [...(groups.get(key) ?? []), cell]);
  }
  const all = [...groups.values()];
  return all.map((own) => {
    const [{ model, architecture }] = own;
    const alike = all.filter(([first]) => first.model === model);
    const byPatch = new Set(alike.map(([first]) => first.architecture?.patchSize)).size === alike.length;
    const which = byPatch ? `patch ${architecture?.patchSize}` : shapeName(architecture);
    const place = alike.indexOf(own);
    const shape = place === 0 ? MODEL_SHAPES[model] : FURTHER_SHAPES[(place - 1) % FURTHER_SHAPES.length];
    const name = alike.length === 1 ? model : `${model}, ${which}`;
    return { name, model, architecture, shape, cells: own };
  });
}
