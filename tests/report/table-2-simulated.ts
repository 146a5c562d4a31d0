import { TASKS, type Task } from '../../lib/metrics/tasks';
import { randomStream } from '../../lib/random';
import type { ModelName } from '../../lib/report/probed-model';
import type { RiskModel } from '../../lib/report/table-2-resampled';
import type { TaskRisk } from '../../lib/risk/task-risk';

/** r_sup, r_AF, r_AS, r_US as they may come out; the supervised network is the same for all. */
const RISKS: readonly (readonly [ModelName, readonly number[]])[] = [
  ['Contrastive Learning', [0.12, 0.2, 0.235, 0.225]],
  ['Generative Learning', [0.12, 0.21, 0.29, 0.28]],
  ['Hybrid Learning', [0.12, 0.195, 0.24, 0.23]],
];
const HARDER: Readonly<Record<Task, number>> = { MI: 0.02, STTC: 0, CD: 0.01, HYP: 0.04 };

/**
 * Encoders that never ran: logits around +-1, of which a share as large as the risk is on the wrong side; half of the
 * noise is shared between models, as it is between encoders that see the same ECGs.
 */
export function simulatedRisks(options: { perClass?: number; seeds?: readonly number[] } = {}): RiskModel[] {
  const { perClass = 500, seeds = [0, 1] } = options;
  return RISKS.flatMap(([model, risks]) =>
    seeds.map((seed) => {
      const risk = Object.fromEntries(TASKS.map((task) => [task, taskRisk({ task, model, seed, risks, perClass })]));
      return { model, seed, runs: [`risk-${model.split(' ')[0].toLowerCase()}-${seed}`], risk } as unknown as RiskModel;
    }),
  );
}

interface Simulated {
  readonly task: Task;
  readonly model: ModelName;
  readonly seed: number;
  readonly risks: readonly number[];
  readonly perClass: number;
}

function taskRisk({ task, model, seed, risks, perClass }: Simulated): TaskRisk {
  const records = (set: string, positives: number) => {
    const n = positives + perClass;
    const recordIds = Array.from({ length: n }, (_, i) => `${set}-${task}-${i}`);
    // Few patients have a second ECG, and most are in the sets of several tasks.
    const patientIds = recordIds.map((_, i) => `${set}-patient-${i % Math.ceil(0.95 * n)}`);
    return { recordIds, patientIds, labels: Uint8Array.from(recordIds, (_, i) => Number(i < positives)) };
  };
  const train = records('train', perClass);
  const test = records('test', task === 'HYP' ? Math.round(0.52 * perClass) : perClass);
  const logits = (labels: Uint8Array, level: number, by: string) => {
    const shared = randomStream(0, 'shared', by, task);
    const own = randomStream(seed, 'own', model, by, task);
    const shift = -normalQuantile(risks[level] + HARDER[task]);
    return Float64Array.from(labels, (label) => {
      return Math.SQRT1_2 * (shared.normal() + own.normal()) + (label === 1 ? shift : -shift);
    });
  };
  return {
    train: {
      ...train,
      supervised: supervisedLogits(train.labels, risks[0] + HARDER[task], [task, seed]),
      fitted: logits(train.labels, 1, 'train'),
      heldOut: logits(train.labels, 2, 'train'),
      split: Uint16Array.from(train.labels, (_, i) => i % 20),
      C: new Float64Array(train.labels.length).fill(0.1),
    },
    test: { ...test, fitted: logits(test.labels, 3, 'test') },
    C: 0.1,
    priorLogOdds: 0,
  };
}

function supervisedLogits(labels: Uint8Array, risk: number, name: readonly (string | number)[]): Float64Array {
  const stream = randomStream(0, 'supervised', ...name);
  const shift = -normalQuantile(risk);
  return Float64Array.from(labels, (label) => stream.normal() + (label === 1 ? shift : -shift));
}

/** By bisection of the logistic approximation's integral: good to three digits, which is enough here. */
function normalQuantile(p: number): number {
  let [low, high] = [-4, 4];
  for (let i = 0; i < 50; i++) {
    const middle = (low + high) / 2;
    const below = 1 / (1 + Math.exp(-1.5976 * middle - 0.07056 * middle ** 3));
    if (below < p) low = middle;
    else high = middle;
  }
  return low;
}
