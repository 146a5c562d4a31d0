import * as tf from '@tensorflow/tfjs';
import type { Task } from '../metrics/tasks';
import type { Parameters } from '../model/parameters';
import { createResNet, type ResNet, type ResNetMode } from '../model/resnet';
import type { ResNetArchitecture } from '../model/resnet-architecture';
import { writeResNet } from '../model/resnet-file';
import { type Classifier, checkTasks, type HeadOptions, logOdds } from './classifier';

/** A 1-D residual network whose head `fc` gives a logit a task: the paper's supervised baseline. */
export class ResNetClassifier<Name extends string = Task> implements Classifier<Name> {
  readonly tasks: readonly Name[];
  readonly resnet: ResNet;

  /** @param resnet with a logit a task; it is disposed with the classifier */
  constructor(resnet: ResNet, { tasks }: { tasks: readonly Name[] }) {
    this.tasks = tasks;
    this.resnet = resnet;
  }

  get parameters(): Parameters {
    return this.resnet.parameters;
  }

  get buffers(): Parameters {
    return this.resnet.buffers;
  }

  logits(ecgs: tf.Tensor3D, mode: ResNetMode = {}): tf.Tensor2D {
    return this.resnet.logits(ecgs, mode);
  }

  /** One for every weight: nothing of it was pretrained. */
  rateMultipliers(): ReadonlyMap<string, number> {
    return new Map(this.parameters.names().map((name) => [name, 1]));
  }

  write(path: string, { metadata = {} }: { metadata?: Readonly<Record<string, string>> } = {}): void {
    writeResNet(path, this.resnet, { metadata: { tasks: JSON.stringify(this.tasks), ...metadata } });
  }

  dispose(): void {
    this.resnet.dispose();
  }
}

/**
 * A residual network at its random start, 1D-ResNet50 by default, with a logit a task.
 *
 * @param architecture width and blocks
 * @param options.tasks a logit each
 * @param options.seed every weight follows from it
 * @param options.prevalence share of positives a task: the head's biases start at its log-odds; default as torchvision's
 * @throws ArgumentError when there is no task, a share is not between 0 and 1, or the architecture cannot be
 */
export function resNetClassifier<Name extends string = Task>(
  architecture: Omit<ResNetArchitecture, 'outputs'>,
  { tasks, seed, prevalence }: HeadOptions<Name> & { seed: number },
): ResNetClassifier<Name> {
  checkTasks(tasks);
  const biases = prevalence === undefined ? undefined : logOdds(prevalence, tasks);
  const resnet = createResNet({ ...architecture, outputs: tasks.length }, { seed });
  if (biases !== undefined) resnet.parameters.set('fc.bias', tf.tensor1d(biases));
  return new ResNetClassifier(resnet, { tasks });
}
