import { describe, expect, it } from 'vitest';
import type { EcgStore } from '../../lib/store/open-store';
import { hashOf } from '../../lib/study/canonical-json';
import {
  type FineTuneSpec,
  fineTuneRun,
  fineTuneTitle,
  learnersOf,
  learnersWithFewLabels,
  recipeOf,
  specsOfRow,
} from '../../lib/study/fine-tune-jobs';
import { labelSubset } from '../../lib/study/label-subset';
import type { Profile } from '../../lib/study/profile-schema';
import { readProfile } from '../../lib/study/profiles';

const profile = readProfile('tiny');
const basisOf = (changed: Profile) => ({ profile: changed, data: 'manifest', backend: 'tensorflow' });
const nameOf = (spec: FineTuneSpec, changed = profile) => hashOf(fineTuneRun(basisOf(changed), spec));

describe('what learns from labels', () => {
  it('in Table 3: a ResNet, a ViT from scratch for each architecture, CL, GL and HL', () => {
    const titles = learnersOf(profile).map((learner) => fineTuneTitle({ learner, seed: 0, tasks: ['MI', 'CD'] }));
    expect(titles).toEqual([
      'ResNet from scratch, seed 0',
      'ViT 250/2/64 from scratch, seed 0',
      'ViT 125/2/64 from scratch, seed 0',
      'contrastive 250/2/64, seed 0',
      'generative 125/2/64, seed 0',
      'hybrid 125/2/64, seed 0',
    ]);
  });

  it('in Tables 4 and 5: HL’s architecture from scratch, CL, GL and HL', () => {
    const [scratch, ...pretrained] = learnersWithFewLabels(profile);
    expect(scratch).toEqual({ kind: 'scratch', architecture: profile.pretraining.methods.hybrid.architecture });
    expect(pretrained).toHaveLength(3);
  });

  it('is one network of four tasks, or one a task, each on cases of its own', () => {
    const [learner] = learnersWithFewLabels(profile);
    const subset = (task: 'MI' | 'STTC' | 'CD' | 'HYP') => ({ casePercent: 5, ecgs: 320, task });
    const separate = specsOfRow(learner, { seed: 0, head: 'separate', subset });
    expect(separate.map(({ tasks, subset: own }) => [tasks, own])).toEqual(
      (['MI', 'STTC', 'CD', 'HYP'] as const).map((task) => [[task], subset(task)]),
    );
    expect(fineTuneTitle(separate[0])).toBe('ViT 125/2/64 from scratch, MI, 5 % cases, seed 0');
    expect(specsOfRow(learner, { seed: 0, head: 'joint' }).map(({ tasks }) => tasks.length)).toEqual([4]);
  });

  it('decays the rate by layer only where it was pretrained', () => {
    const decays = learnersOf(profile).map((learner) => recipeOf({ learner }, profile).layerDecay);
    expect(decays).toEqual([1, 1, 1, 0.75, 0.75, 0.75]);
  });

  it('takes the epochs of the part of the labels that it gets, where the profile has such', () => {
    const changed: Profile = {
      ...profile,
      lowIncidence: { ...profile.lowIncidence, epochs: { pretrained: 4, scratch: 7 } },
      dataUsage: { ...profile.dataUsage, epochs: { pretrained: 16, scratch: 30 } },
    };
    const subsets = [undefined, { casePercent: 5, ecgs: 320, task: 'MI' } as const, { usagePercent: 10 }];
    const epochsOf = (learner: (typeof learners)[number]) =>
      subsets.map((subset) => recipeOf({ learner, subset }, changed).epochs);
    const learners = learnersOf(profile);
    expect(learners.map(epochsOf)).toEqual([
      [3, 3, 3], // the ResNet has its own
      [3, 7, 30],
      [3, 7, 30],
      [3, 4, 16],
      [3, 4, 16],
      [3, 4, 16],
    ]);
    expect(recipeOf({ learner: learners[1], subset: subsets[2] }, profile).epochs).toBe(3);
  });
});

describe('the recipe of a training on labels', () => {
  it('leaves patches out of what the transformers see', () => {
    const changed: Profile = { ...profile, fineTuning: { ...profile.fineTuning, patchDropout: 0.5 } };
    const shares = learnersOf(profile).map((learner) => recipeOf({ learner }, changed).patchDropout);
    expect(shares).toEqual([undefined, 0.5, 0.5, 0.5, 0.5, 0.5]);
  });
});

describe('the run of a training on labels', () => {
  const [hybrid] = learnersOf(profile).slice(-1);
  const spec: FineTuneSpec = { learner: hybrid, seed: 0, tasks: ['MI', 'STTC', 'CD', 'HYP'] };

  it('has another name for everything that decides its result', () => {
    const { pretraining, fineTuning } = profile;
    const variants: [FineTuneSpec, Profile][] = [
      [spec, profile],
      [{ ...spec, seed: 1 }, profile],
      [{ ...spec, tasks: ['MI'] }, profile],
      [{ ...spec, subset: { usagePercent: 50 } }, profile],
      [{ ...spec, subset: { usagePercent: 25 } }, profile],
      [{ ...spec, learner: learnersOf(profile)[4] }, profile],
      [spec, { ...profile, pretraining: { ...pretraining, maskRatio: 0.5 } }],
      [spec, { ...profile, fineTuning: { ...fineTuning, layerDecay: 0.5 } }],
      [spec, { ...profile, fineTuning: { ...fineTuning, pretrained: { ...fineTuning.pretrained, epochs: 4 } } }],
    ];
    expect(new Set(variants.map(([one, changed]) => nameOf(one, changed))).size).toBe(variants.length);
  });

  it('keeps its name when only others are trained in another way', () => {
    const { fineTuning } = profile;
    const resnet = { ...fineTuning, seeds: [0, 1], resnet: { ...fineTuning.resnet, width: 8 } };
    expect(nameOf(spec, { ...profile, fineTuning: resnet })).toBe(nameOf(spec));
  });
});

it('a subset of labels is of the rows that it was drawn from, and fewer labels are among more', () => {
  const count = 400;
  const label = (share: number) => Uint8Array.from({ length: count }, (_, i) => Number(i % share === 0));
  const patientIds = Array.from({ length: count }, (_, i) => String(i));
  const store = { patientIds, labels: { MI: label(3), STTC: label(4), CD: label(5), HYP: label(7) } };
  const rows = Int32Array.from({ length: 200 }, (_, i) => 100 + 2 * i).filter((row) => row < count);
  const of = (subset: FineTuneSpec['subset']) => labelSubset(store as unknown as EcgStore, rows, { subset, seed: 3 });
  expect(of(undefined)).toBe(rows);
  const [half, tenth] = [50, 10].map((usagePercent) => new Set(of({ usagePercent })));
  expect([half.size, tenth.size]).toEqual([rows.length / 2, rows.length / 10]);
  for (const row of tenth) expect(half.has(row)).toBe(true);
  const cases = of({ casePercent: 10, ecgs: 80, task: 'MI' });
  expect(cases.filter((row) => store.labels.MI[row] === 1)).toHaveLength(8);
  for (const row of cases) expect(rows).toContain(row);
});
