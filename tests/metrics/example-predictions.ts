import type { Predictions } from '../../lib/metrics/predictions';
import { TASKS, type Task } from '../../lib/metrics/tasks';
import { randomStream } from '../../lib/random';

/** Predictions of a made-up model on made-up patients; the same labels for every model of one size. */
export function examplePredictions(
  options: { records?: number; gain?: number; model?: number; share?: number } = {},
): Predictions {
  const { records = 200, gain = 1, model = 0, share = 0.3 } = options;
  const each = <T>(of: (task: Task) => T) => Object.fromEntries(TASKS.map((t) => [t, of(t)])) as Record<Task, T>;
  const labels = each((task) => {
    const stream = randomStream(0, 'labels', task);
    return Uint8Array.from({ length: records }, () => Number(stream.uniform() < share));
  });
  const scores = each((task) => {
    const stream = randomStream(model, 'scores', task);
    return Float64Array.from(labels[task], (label) => gain * label + stream.normal());
  });
  return {
    recordIds: Array.from({ length: records }, (_, record) => `record ${record}`),
    patientIds: Array.from({ length: records }, (_, record) => `patient ${Math.floor(record / 2)}`),
    labels,
    scores,
  };
}
