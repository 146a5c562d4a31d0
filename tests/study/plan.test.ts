import { describe, expect, it } from 'vitest';
import { fineTuningCost } from '../../lib/study/compute-cost';
import { type PlannedJob, type PlanOptions, planJobs } from '../../lib/study/plan';
import { readProfile } from '../../lib/study/profiles';

const profile = readProfile('tiny');
const basis = { profile, data: 'manifest', backend: 'tensorflow' };
const ecgs = { pretrain: 960, train: 960, validation: 120, test: 120 };
const plan = (options: Partial<PlanOptions> = {}) =>
  planJobs(basis, { ecgs, stateOf: () => 'missing' as const, ...options });
const counted = (jobs: readonly PlannedJob[]) => {
  const kinds = new Map<string, number>();
  for (const { run } of jobs) {
    const kind = run.replace(/-[0-9a-f]+$/, '');
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  }
  return Object.fromEntries(kinds);
};

describe('the plan of a study', () => {
  it('of Table 1 has three pretrainings, and features and two probes of five encoders', () => {
    const jobs = plan({ tables: [1] });
    expect(counted(jobs)).toMatchObject({ 'pretrain-hybrid': 1, 'features-random': 2, 'probe-tuned-random': 2 });
    expect(jobs).toHaveLength(3 + 5 + 10);
  });

  it('of all tables lists each job once, what it needs before it', () => {
    const jobs = plan();
    expect(new Set(jobs.map(({ run }) => run)).size).toBe(jobs.length);
    expect(counted(jobs)).toMatchObject({
      'supervised-logits': 2, // two architectures
      'risk-hybrid': 1,
      'fine-tune-resnet': 1,
      'fine-tune-scratch': 2 + 3 * 4 + 3, // Table 3, three case ratios of four tasks, three shares of the labels
      'fine-tune-hybrid': 1 + 3 * 4 + 3,
    });
    const place = (start: string) => jobs.findIndex(({ job }) => job.startsWith(start));
    expect(place('pretrain hybrid')).toBeLessThan(place('train hybrid'));
    expect(place('train ViT')).toBeLessThan(place('training ECGs by ViT'));
    expect(place('training ECGs by ViT')).toBeLessThan(place('risk of'));
  });

  it('of Table 4 or 5 has Table 3 too, from which the drops are', () => {
    const names = (tables: number[]) => plan({ tables }).map(({ run }) => run);
    for (const table of [4, 5]) expect(names([table])).toEqual(expect.arrayContaining(names([3])));
    expect(names([4]).length).toBeGreaterThan(names([3]).length);
  });

  it('tells what is on disk', () => {
    const jobs = plan({ stateOf: ({ what }) => (what.startsWith('pretrain') ? 'finished' : 'missing') });
    const finished = jobs.filter(({ state }) => state === 'finished').map(({ job }) => job.split(' ')[0]);
    expect(finished).toEqual(['pretrain', 'pretrain', 'pretrain']);
  });

  it('has costs that grow as the work does', () => {
    const cost = (tables: number[], changed = ecgs) =>
      plan({ tables, ecgs: changed }).reduce((sum, { teraflops }) => sum + teraflops, 0);
    const doubled = { pretrain: 1920, train: 1920, validation: 240, test: 240 };
    expect(cost([1], doubled) / cost([1])).toBeCloseTo(2, 6);
    expect(cost([1, 2, 3, 4, 5])).toBeGreaterThan(cost([1]));
  });

  it('prices the paper: 1.3 million ECGs to pretrain on, 120 networks on labels, one a task', () => {
    const paper = readProfile('paper');
    const counts = { pretrain: 1_291_868, train: 17_657, validation: 1_962, test: 2_180 };
    const jobs = planJobs({ ...basis, profile: paper }, { ecgs: counts, stateOf: () => 'missing' });
    expect(counted(jobs)).toMatchObject({ 'pretrain-contrastive': 1, 'pretrain-generative': 1, 'pretrain-hybrid': 1 });
    const seen = (name: string) => jobs.find(({ run }) => run.startsWith(`pretrain-${name}`))!.ecgs / counts.pretrain;
    expect(['generative', 'contrastive', 'hybrid'].map(seen)).toEqual([20, 40, 60]); // epochs times passes
    expect(jobs.filter(({ run }) => run.startsWith('fine-tune'))).toHaveLength(120);
    const teraflops = jobs.reduce((sum, job) => sum + job.teraflops, 0);
    expect(teraflops).toBeGreaterThan(2e5); // most of a day at five teraflops a second
    expect(teraflops).toBeLessThan(8e5);
  });

  it('counts the operations of 1D-ResNet50 as PyTorch does', () => {
    // torch.utils.flop_counter.FlopCounterMode on ResNet(outputs=4).logits of one ECG (tests/golden/torch/resnet.py)
    const counted = 3_940_455_424;
    const head = 2 * 2048 * 4;
    const once = { train: 0, validation: 0, test: 1 };
    expect(fineTuningCost({ kind: 'resnet', width: 64 }, { epochs: 1 }, once).flops).toBe(counted - head);
  });
});
