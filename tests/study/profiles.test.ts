import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { useEngine } from '../../lib/engine/use-engine';
import { createEncoder } from '../../lib/model/encoder';
import { DEFAULT_OBJECTIVE, Objective } from '../../lib/pretrain/objective';
import { hashOf } from '../../lib/study/canonical-json';
import { featuresRun, pretrainingRun, probeRun } from '../../lib/study/encoder-jobs';
import { parseProfile } from '../../lib/study/profile-schema';
import { PROFILE_NAMES, readProfile } from '../../lib/study/profiles';

describe('a profile', () => {
  it.each(PROFILE_NAMES)('%s is complete and names itself', (name) => {
    expect(readProfile(name).name).toBe(name);
  });

  it('can be a JSON file', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'profile-')), 'mine.json');
    writeFileSync(file, JSON.stringify({ ...readProfile('tiny'), name: 'mine' }));
    expect(readProfile(file)).toMatchObject({ name: 'mine', seeds: [0] });
  });

  it('with a mistyped key is refused, and the key named', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'profile-')), 'mine.json');
    const { pretraining, ...rest } = readProfile('tiny');
    writeFileSync(file, JSON.stringify({ ...rest, pretraining: { ...pretraining, maskRation: 0.5 } }));
    expect(() => readProfile(file)).toThrow(/maskRation/);
    expect(() => readProfile(file)).toThrow(file);
  });

  it('that does not exist is refused with those that do', () => {
    expect(() => readProfile('huge')).toThrow(/one of tiny, ptbxl-quick, ptbxl.*got huge/);
  });

  it('that says nothing of the options that came later gives its runs the names they had', () => {
    const data = '81e62f465dc6b59e63f883bb99f820dbcb8aeeaffc3898ec0567a43dbd4b9f18'; // of the runs behind Table 1
    const basis = { profile: readProfile('ptbxl-quick'), data, backend: 'tensorflow' };
    const { methods } = basis.profile.pretraining;
    const names = (['contrastive', 'generative', 'hybrid'] as const).map((method) => {
      const { config } = pretrainingRun(basis, { method, architecture: methods[method].architecture, seed: 0 });
      return hashOf({ ...config, version: 1 }).slice(0, 10);
    });
    expect(names).toEqual(['c21f7674ca', 'a7ca6e9f86', 'f83b6f5286']);
  });

  it('can set how probes are made, which gives them and their features other names', () => {
    const profile = readProfile('tiny');
    const encoder = {
      method: 'hybrid',
      architecture: profile.pretraining.methods.hybrid.architecture,
      seed: 0,
    } as const;
    const namesOf = (probing: unknown) => {
      const basis = { profile: parseProfile({ ...profile, probing }), data: '', backend: 'cpu' };
      const specs = [featuresRun(basis, encoder), probeRun(basis, encoder, 'tuned'), probeRun(basis, encoder, 'weak')];
      return specs.map(({ config }) => hashOf(config));
    };
    const [features, tuned, weak] = namesOf(undefined);
    expect(namesOf({})).toEqual([features, tuned, weak]);
    expect(namesOf({ selection: 'grouped-folds' })).toEqual([features, expect.not.stringMatching(tuned), weak]);
    for (const name of namesOf({ pooling: 'cls' })) expect([features, tuned, weak]).not.toContain(name);
    for (const name of namesOf({ pooling: 'layers' }))
      expect([features, tuned, weak, ...namesOf({ pooling: 'cls' })]).not.toContain(name);
    expect(() => namesOf({ selection: 'folds' })).toThrow(/selection/);
  });

  it('takes every option of the training, and each gives its runs another name', async () => {
    await useEngine({ backend: 'cpu' });
    const { pretraining, ...rest } = readProfile('tiny');
    const options = [
      { lossGradients: 'normalised' },
      { microBatchSize: 16 },
      { reconstructed: 'all' },
      { pooling: 'cls' },
      { emaTarget: { decay: 0.996 } },
      { augmentation: { ...pretraining.augmentation, scale: [0.5, 2] } },
      { augmentation: { ...pretraining.augmentation, noise: 0.005 } },
    ];
    const configs = [{}, ...options].map((option) => {
      const profile = parseProfile({ ...rest, pretraining: { ...pretraining, ...option } });
      const { architecture } = profile.pretraining.methods.hybrid;
      new Objective('hybrid', createEncoder(architecture, { seed: 0 }), {
        ...DEFAULT_OBJECTIVE,
        ...profile.pretraining,
        seed: 0,
      }).dispose();
      return pretrainingRun({ profile, data: '', backend: 'cpu' }, { method: 'hybrid', architecture, seed: 0 }).config;
    });
    expect(new Set(configs.map(hashOf)).size).toBe(options.length + 1);
    const wrong = { ...rest, pretraining: { ...pretraining, emaTarget: { decay: 1.5 }, pooling: 'max' } };
    expect(() => parseProfile(wrong)).toThrow(/emaTarget[\s\S]*pooling|pooling[\s\S]*emaTarget/);
  });
});
