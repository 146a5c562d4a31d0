import { TASKS, type Task } from '../metrics/tasks';
import { probeRisks, type RiskOptions, type RiskSet, type SupervisedLogits } from './probe-risks';
import type { TaskRisk } from './task-risk';

/** The risk decomposition's probes of one encoder, by task. */
export type EncoderRisk = Readonly<Record<Task, TaskRisk>>;

/**
 * Fits the probes of the risk decomposition of one encoder on the four tasks; as `probeRisks`.
 *
 * @param sets train: all labelled training ECGs; test
 * @param options supervised: logits of all four tasks, of B_tr at least; seed and others; signal stops after the task
 *   under way; onTask is told how many tasks are done
 */
export async function riskOfAllTasks(
  sets: { readonly train: RiskSet<Task>; readonly test: RiskSet<Task> },
  options: RiskOptions & {
    readonly supervised: SupervisedLogits<Task>;
    readonly signal?: AbortSignal;
    readonly onTask?: (done: number) => void;
  },
): Promise<EncoderRisk> {
  const { signal, onTask, ...rest } = options;
  const risks: [Task, TaskRisk][] = [];
  for (const task of TASKS) {
    signal?.throwIfAborted();
    risks.push([task, probeRisks(sets, { ...rest, task })]);
    onTask?.(risks.length);
    await new Promise(setImmediate); // lets signals and progress through
  }
  return Object.fromEntries(risks) as Record<Task, TaskRisk>;
}
