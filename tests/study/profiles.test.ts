import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
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
});
