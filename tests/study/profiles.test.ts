import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
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

  it('beside committed tables is the one that made them', () => {
    const tables = join(__dirname, '../../paper-tables');
    const own = readdirSync(tables).filter((name) => existsSync(join(tables, name, 'profile.json')));
    expect(own.length).toBeGreaterThan(0);
    for (const name of own) {
      const profile = readProfile(join(tables, name, 'profile.json'));
      expect(profile.name).toBe(name);
      const made = readdirSync(join(tables, name)).filter((file) => file.endsWith('.provenance.json'));
      expect(made, name).not.toEqual([]);
      for (const file of made) {
        expect(JSON.parse(readFileSync(join(tables, name, file), 'utf8')), file).toMatchObject({
          profile: name,
          settings: hashOf(profile),
        });
      }
    }
  });

  it('can be a JSON file', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'profile-')), 'mine.json');
    writeFileSync(file, JSON.stringify({ ...readProfile('tiny'), name: 'mine' }));
    expect(readProfile(file)).toMatchObject({ name: 'mine', seeds: [0] });
    const json = readFileSync(file, 'utf8');
    for (const bytes of [Buffer.from(`\ufeff${json}`), Buffer.from(`\ufeff${json}`, 'utf16le')]) {
      writeFileSync(file, bytes); // as Windows' editor saves it
      expect(readProfile(file).name).toBe('mine');
    }
    writeFileSync(file, Buffer.from('{"name": "M\xfcller"}', 'latin1'));
    expect(() => readProfile(file)).toThrow(/line 1, column 12: .*expected UTF-8/);
  });

  it('with a mistyped key is refused, and the key named', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'profile-')), 'mine.json');
    const { pretraining, ...rest } = readProfile('tiny');
    writeFileSync(file, JSON.stringify({ ...rest, pretraining: { ...pretraining, maskRation: 0.5 } }));
    expect(() => readProfile(file)).toThrow(/maskRation/);
    expect(() => readProfile(file)).toThrow(file);
  });

  it('of one’s own has a name of its own, since tables and figures go by it', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'profile-')), 'mine.json');
    writeFileSync(file, JSON.stringify(readProfile('tiny')));
    expect(() => readProfile(file)).toThrow(/mine\.json.*expected a name of its own.*got tiny/);
  });

  it('has each seed, ratio and share once, and splits to hold out', () => {
    const profile = readProfile('tiny');
    const { fineTuning, lowIncidence, dataUsage, risk } = profile;
    expect(() => parseProfile({ ...profile, seeds: [0, 0] })).toThrow(/expected each once/);
    expect(() => parseProfile({ ...profile, fineTuning: { ...fineTuning, seeds: [1, 1] } })).toThrow(/each once/);
    expect(() => parseProfile({ ...profile, lowIncidence: { ...lowIncidence, casePercents: [5, 5] } })).toThrow(/once/);
    expect(() => parseProfile({ ...profile, dataUsage: { ...dataUsage, percents: [10, 10] } })).toThrow(/once/);
    expect(() => parseProfile({ ...profile, risk: { ...risk, splits: 1 } })).toThrow(/splits/);
  });

  it('with a setting that a training would refuse is refused before any training', () => {
    const profile = readProfile('tiny');
    const { fineTuning, pretraining } = profile;
    for (const patchDropout of [0, 1]) {
      expect(() => parseProfile({ ...profile, fineTuning: { ...fineTuning, patchDropout } })).toThrow(/patchDropout/);
    }
    expect(() => parseProfile({ ...profile, fineTuning: { ...fineTuning, warmup: 1 } })).toThrow(/warmup/);
    expect(() => parseProfile({ ...profile, pretraining: { ...pretraining, maskRatio: 1 } })).toThrow(/maskRatio/);
    const augmentation = { ...pretraining.augmentation, crop: [0, 1] };
    expect(() => parseProfile({ ...profile, pretraining: { ...pretraining, augmentation } })).toThrow(/crop/);
    const decoder = { embeddingSize: 48, blockDepth: 1, headDim: 32 };
    expect(() => parseProfile({ ...profile, pretraining: { ...pretraining, decoder } })).toThrow(
      /expected.*multiple of headDim 32, got.*embeddingSize 48\s.*pretraining\.decoder/s,
    );
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

  it('that pretrains on other datasets has them in the names of what is pretrained, and of nothing else', () => {
    const { methods } = readProfile('ptbxl').pretraining;
    const { architecture } = methods.hybrid;
    const named = (pretrain: object, basis: { data?: string; others?: Record<string, string> } = {}) => {
      const { data, ...rest } = readProfile('ptbxl');
      const profile = parseProfile({ ...rest, data: { ...data, pretrain } });
      const whole = { profile, data: 'a', backend: 'cpu', ...basis };
      const encoder = { method: 'hybrid', architecture, seed: 0 } as const;
      const random = featuresRun(whole, { ...encoder, method: 'random' });
      return [pretrainingRun(whole, encoder), random].map(({ config }) => hashOf(config));
    };
    const folds = { folds: [1, 2, 3, 4, 5, 6, 7, 8] };
    const [alone, random] = named(folds);
    const [both, same] = named({ ...folds, datasets: ['ikem'] }, { others: { ikem: 'b' } });
    expect([both, same]).toEqual([expect.not.stringMatching(alone), random]);
    expect(named({ ...folds, datasets: ['ikem'] }, { others: { ikem: 'c' } })[0]).not.toBe(both);
    // without a fold of its own the labelled dataset may change, and what was pretrained stays
    const [others] = named({ datasets: ['ikem'] }, { others: { ikem: 'b' } });
    expect(others).not.toBe(both);
    expect(named({ datasets: ['ikem'] }, { others: { ikem: 'b' }, data: 'z' })[0]).toBe(others);
    expect(named(folds, { data: 'z' })[0]).not.toBe(alone);
    expect(() => named({ datasets: ['ikem', 'ikem'] })).toThrow(/expected each once/);
    expect(() => named({ datasets: ['synthetic-ikem'] })).toThrow(/datasets, each once: mimic-iv-ecg, .*ikem/);
    expect(() => named({ datasets: [] })).toThrow(/datasets/);
  });

  it('paper has the paper’s architectures, data and subsets', () => {
    const { data, pretraining, fineTuning, lowIncidence, dataUsage } = readProfile('paper');
    const shapes = (['contrastive', 'generative', 'hybrid'] as const).map((method) => {
      const { patchSize, blockDepth, embeddingSize } = pretraining.methods[method].architecture;
      return [patchSize, blockDepth, embeddingSize];
    });
    expect(shapes).toEqual([
      [250, 2, 1024],
      [60, 2, 512],
      [60, 2, 512],
    ]);
    expect(data.pretrain).toEqual({ datasets: ['mimic-iv-ecg', 'code-15', 'uk-biobank', 'sami-trop', 'ikem'] });
    expect(data.test).toEqual({ part: 'test', testShare: 0.1, validationShare: 0.1, seed: 0 });
    expect([fineTuning.resnet.width, fineTuning.head]).toEqual([64, 'separate']);
    expect(lowIncidence).toEqual({ ecgs: 7000, casePercents: [5, 2, 1] });
    expect(dataUsage.percents).toEqual([50, 25, 10]);
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
    for (const name of namesOf({ pooling: 'statistics' }))
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
      { reduction: 'sum' },
      { viewMaskRatio: 0.5 },
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
