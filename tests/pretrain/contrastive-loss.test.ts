import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { useEngine } from '../../lib/engine/use-engine';
import { contrastiveLoss, patientPositives, samplePositives } from '../../lib/pretrain/contrastive-loss';

beforeAll(async () => {
  await useEngine({ backend: 'cpu' });
});

/** The two views of each ECG fall together, ECGs are orthogonal. */
function perfectViews(ecgs: number): tf.Tensor2D {
  return tf.concat([tf.eye(ecgs), tf.eye(ecgs)], 0) as tf.Tensor2D;
}

describe('contrastive loss', () => {
  it('is log(1 + (2N - 2) e^(-1/t)) for perfect views of orthogonal ECGs', () => {
    const temperature = 0.5;
    const loss = contrastiveLoss(perfectViews(5), samplePositives(5), { temperature }).dataSync()[0];
    expect(loss).toBeCloseTo(Math.log(1 + 8 * Math.exp(-1 / temperature)), 5);
  });

  it('is log(2N - 1) when all embeddings are equal', () => {
    const same = tf.ones<tf.Rank.R2>([8, 1]);
    expect(contrastiveLoss(same, samplePositives(4)).dataSync()[0]).toBeCloseTo(Math.log(7), 5);
  });

  it('at patient level is zero, with a zero gradient, when no patient has two ECGs', () => {
    const positives = patientPositives(['a', 'b', 'c']);
    expect(positives.anchors).toBe(0);
    const gradient = tf.grad((z) => contrastiveLoss(z as tf.Tensor2D, positives))(perfectViews(3));
    expect(contrastiveLoss(perfectViews(3), positives).dataSync()[0]).toBe(0);
    expect(gradient.abs().max().dataSync()[0]).toBe(0);
  });

  it('at patient level takes the other ECGs of a patient, never the same ECG', () => {
    const { weights, candidates, anchors, views } = patientPositives(['a', 'a', 'b']);
    expect(anchors).toBe(4); // both views of both ECGs of a
    expect([...weights.slice(0, views)]).toEqual([0, 0.5, 0, 0, 0.5, 0]);
    expect([...candidates.slice(0, views)]).toEqual([0, 1, 1, 0, 1, 1]);
  });

  it('refuses embeddings of another batch and a temperature of zero', () => {
    expect(() => contrastiveLoss(perfectViews(4), samplePositives(5))).toThrow(/10 embeddings/);
    expect(() => contrastiveLoss(perfectViews(5), samplePositives(5), { temperature: 0 })).toThrow(/temperature/);
  });
});
