import type { Predictions } from '../../lib/metrics/predictions';
import { TASKS, type Task } from '../../lib/metrics/tasks';
import { METHODS, type Method } from '../../lib/pretrain/method';
import { randomStream } from '../../lib/random';
import { type ModelName, modelNameOf, type ProbedModel, type ProbeName } from '../../lib/report/probed-model';
import type { PublishedTable } from '../../lib/report/published-tables';
import type { ScoredModel } from '../../lib/report/scored-model';

/** AUROC of MI, STTC, CD, HYP as a PyTorch twin of the recipe reaches them on PTB-XL. */
const AUROC: Readonly<Record<Method, readonly number[]>> = {
  random: [0.684, 0.752, 0.708, 0.806],
  generative: [0.79, 0.872, 0.797, 0.849],
  contrastive: [0.832, 0.9, 0.842, 0.863],
  hybrid: [0.843, 0.907, 0.858, 0.86],
};
const PREVALENCE: Readonly<Record<Task, number>> = { MI: 0.25, STTC: 0.24, CD: 0.225, HYP: 0.12 };

/**
 * Probed models that never ran: binormal scores (positives shifted by sqrt 2 times the AUROC's normal quantile) whose
 * noise is half shared between models, as it is between encoders that see the same ECGs.
 */
export function simulatedModels(
  options: { records?: number; seeds?: readonly number[]; probes?: readonly ProbeName[] } = {},
): ProbedModel[] {
  const { records = 2198, seeds = [0, 1], probes = ['weak', 'tuned'] } = options;
  const predictionsOf = simulatedTestSet(records);
  const [patchSize, blockDepth, embeddingSize] = [125, 2, 256];
  return probes.flatMap((probe) =>
    METHODS.flatMap((method) =>
      seeds.map((seed) => ({
        model: modelNameOf(method),
        method,
        patchSize,
        blockDepth,
        embeddingSize,
        seed,
        run: `${method}-${probe}-${seed}`,
        probe,
        validationAurocs: { MI: 0.8, STTC: 0.85, CD: 0.81, HYP: 0.86 + seed / 100 },
        predictions: predictionsOf(
          AUROC[method].map((auroc) => auroc - (probe === 'weak' ? 0.03 : 0)),
          [method, probe, seed],
        ),
      })),
    ),
  );
}

/** Architectures of Tables 4 and 5, which the paper does not print there. */
const LARGE_PATCHES = ['Supervised Learning (ViT)', 'Contrastive Learning'];

/**
 * Fine-tuned models that never ran: a model a row of the paper's table, its AUROCs the paper's less .04.
 *
 * @param table of the paper: 3, 4 or 5
 */
export function simulatedFineTuned(
  table: PublishedTable,
  options: { records?: number; seeds?: readonly number[] } = {},
): ScoredModel[] {
  const { records = 2198, seeds = [0, 1] } = options;
  const predictionsOf = simulatedTestSet(records);
  const settings = table.columns.filter((column) => column.endsWith('_percent'));
  return table.rows.flatMap((row) => {
    const model = row.model.printed as ModelName;
    const large = { patchSize: 250, blockDepth: 2, embeddingSize: 1024 };
    const small = { patchSize: 60, blockDepth: 2, embeddingSize: 512 };
    const printed = row.patch_size?.value;
    const isLarge = settings.length > 0 ? LARGE_PATCHES.includes(model) : printed === 250;
    const architecture = model === 'Supervised Learning (ResNet)' ? undefined : isLarge ? large : small;
    const setting = Object.fromEntries(settings.map((column) => [column, row[column].printed]));
    const name = [model, printed ?? '', ...Object.values(setting)]
      .join('-')
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '-');
    return seeds.map((seed) => ({
      model,
      architecture,
      setting,
      seed,
      runs: settings.includes('case_ratio_percent')
        ? TASKS.map((task) => `${name}-${task}-${seed}`)
        : [`${name}-${seed}`],
      predictions: predictionsOf(
        TASKS.map((task) => row[`auroc_${task.toLowerCase()}`].value! - 0.04),
        [model, printed ?? '', ...Object.values(setting), seed],
      ),
    }));
  });
}

/** A test set: gives, for the AUROCs of MI, STTC, CD and HYP and a name, what a model of that name says of it. */
function simulatedTestSet(records: number) {
  const ids = Array.from({ length: records }, (_, i) => `ecg-${i}`);
  const patientIds = ids.map((_, i) => `patient-${Math.floor(i / 1.15)}`);
  const labels = byTask((task) => {
    const stream = randomStream(1, 'labels', task);
    return Uint8Array.from(ids, () => (stream.uniform() < PREVALENCE[task] ? 1 : 0));
  });
  const shared = byTask((task) => normals(records, 'shared', task));
  return (aurocs: readonly number[], name: readonly (string | number)[]): Predictions => {
    const scores = byTask((task) => {
      const own = normals(records, ...name, task);
      const shift = Math.SQRT2 * normalQuantile(aurocs[TASKS.indexOf(task)]);
      return Float64Array.from(own, (x, i) => Math.SQRT1_2 * (x + shared[task][i]) + shift * labels[task][i]);
    });
    return { recordIds: ids, patientIds, labels, scores };
  };
}

function byTask<T>(make: (task: Task) => T): Record<Task, T> {
  return Object.fromEntries(TASKS.map((task) => [task, make(task)])) as Record<Task, T>;
}

function normals(n: number, ...name: (string | number)[]): Float64Array {
  const stream = randomStream(7, ...name);
  return Float64Array.from({ length: n }, () => stream.normal());
}

/** By bisection of the normal distribution's integral (Simpson): slow and plain. */
function normalQuantile(p: number): number {
  let [low, high] = [-5, 5];
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (normalCdf(middle) < p) low = middle;
    else high = middle;
  }
  return low;
}

function normalCdf(x: number): number {
  const steps = 200;
  let sum = 0;
  for (let i = 0; i <= steps; i++) {
    const t = (x * i) / steps;
    sum += (i === 0 || i === steps ? 1 : i % 2 === 1 ? 4 : 2) * Math.exp((-t * t) / 2);
  }
  return 0.5 + (sum * x) / (3 * steps * Math.sqrt(2 * Math.PI));
}
