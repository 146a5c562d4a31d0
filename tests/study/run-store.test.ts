import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import * as lock from '../../lib/io/folder-lock';
import { RunStore, runName } from '../../lib/study/run-store';

const spec = { what: 'test', config: { rate: 1e-3, folds: [1, 2], nested: { b: 1, a: 2 } } };
const engine = 'none';

function runs(): RunStore {
  return new RunStore(mkdtempSync(join(tmpdir(), 'runs-')));
}

const write = async (folder: string) => writeFileSync(join(folder, 'result.txt'), 'forty-two');

describe('a run', () => {
  it('is named by its settings, whatever the order of their keys', () => {
    const turned = { what: 'test', config: { nested: { a: 2, b: 1 }, folds: [1, 2], rate: 1e-3 } };
    expect(runName(turned)).toBe(runName(spec));
    expect(runName({ ...spec, config: { ...spec.config, rate: 2e-3 } })).not.toBe(runName(spec));
  });

  it('is computed once', async () => {
    const store = runs();
    let calls = 0;
    const work = async (folder: string) => {
      calls++;
      await write(folder);
    };
    expect(store.stateOf(spec)).toBe('missing');
    const first = await store.compute(spec, work, { engine });
    const second = await store.compute(spec, work, { engine });
    expect(calls).toBe(1);
    expect(second).toEqual(first);
    expect(store.stateOf(spec)).toBe('finished');
  });

  it('that failed is not taken for finished, and its folder is kept for going on', async () => {
    const store = runs();
    const failing = async (folder: string) => {
      await write(folder);
      throw new Error('killed');
    };
    await expect(store.compute(spec, failing, { engine })).rejects.toThrow('killed');
    expect(store.stateOf(spec)).toBe('started');
    let found = '';
    await store.compute(
      spec,
      async (folder) => {
        found = readFileSync(join(folder, 'result.txt'), 'utf8');
      },
      { engine },
    );
    expect(found).toBe('forty-two');
  });

  it('notes on the way how long it has taken, so that a killed one goes on counting', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
    try {
      const store = runs();
      let noted = 0;
      const killed = store.compute(
        spec,
        async (folder) => {
          vi.advanceTimersByTime(45_000);
          noted = Number(readFileSync(join(folder, 'elapsed.txt'), 'utf8'));
          vi.advanceTimersByTime(5_000);
          throw new Error('killed');
        },
        { engine },
      );
      await expect(killed).rejects.toThrow('killed');
      expect(noted).toBe(30);
      const { seconds } = await store.compute(spec, async () => void vi.advanceTimersByTime(10_000), { engine });
      expect(seconds).toBe(60);
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it('does not count the time of another that it computes on the way', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
    try {
      const store = runs();
      const inner = { ...spec, what: 'inner' };
      const outer = await store.compute(
        spec,
        async () => {
          vi.advanceTimersByTime(10_000);
          await store.compute(inner, async () => void vi.advanceTimersByTime(70_000), { engine });
          vi.advanceTimersByTime(5_000);
        },
        { engine },
      );
      expect(outer.seconds).toBe(15);
      expect((await store.compute(inner, write, { engine })).seconds).toBe(70);
    } finally {
      vi.useRealTimers();
    }
  });

  it('that another process finished while this one waited for the lock is found, not done again', async () => {
    const store = runs();
    const { folder } = await store.compute(spec, write, { engine });
    const receipt = join(folder, 'run.json');
    renameSync(receipt, `${receipt}.later`);
    const locked = vi.spyOn(lock, 'lockFolder').mockImplementationOnce(() => {
      renameSync(`${receipt}.later`, receipt);
      return () => {};
    });
    const again = await store.compute(spec, async () => expect.unreachable(), { engine });
    expect(again.folder).toBe(folder);
    expect(locked).toHaveBeenCalledOnce();
  });

  it('with a changed or missing file is refused, the file named', async () => {
    const store = runs();
    const { folder } = await store.compute(spec, write, { engine });
    appendFileSync(join(folder, 'result.txt'), '!');
    const again = store.compute(spec, write, { engine });
    await expect(again).rejects.toMatchObject({ tag: 'StaleError', where: { file: join(folder, 'result.txt') } });
  });

  it('whose folder holds other settings, as another version would leave, is refused', async () => {
    const store = runs();
    const { folder } = await store.compute(spec, write, { engine });
    const file = join(folder, 'config.json');
    const config = JSON.parse(readFileSync(file, 'utf8'));
    writeFileSync(file, `${JSON.stringify({ ...config, version: config.version + 1 }, null, 2)}\n`);
    await expect(store.compute(spec, write, { engine })).rejects.toMatchObject({ tag: 'StaleError', where: { file } });
  });

  it('whose receipt is damaged is refused', async () => {
    const store = runs();
    const { folder } = await store.compute(spec, write, { engine });
    writeFileSync(join(folder, 'run.json'), '{"seconds": 1');
    await expect(store.compute(spec, write, { engine })).rejects.toMatchObject({ tag: 'StaleError' });
  });

  it('whose receipt says other numbers than it was written with is refused; one of an earlier version has no check', async () => {
    const store = runs();
    const { folder, seconds } = await store.compute(spec, write, { engine });
    const file = join(folder, 'run.json');
    const receipt = JSON.parse(readFileSync(file, 'utf8'));
    for (const changed of [
      { ...receipt, seconds: 7200 },
      { ...receipt, engine: 'nome' },
      { ...receipt, files: {} },
      { ...receipt, sha256: undefined, sha257: receipt.sha256 },
    ]) {
      writeFileSync(file, JSON.stringify(changed));
      await expect(store.compute(spec, write, { engine })).rejects.toMatchObject({
        tag: 'StaleError',
        where: { file },
      });
    }
    writeFileSync(file, JSON.stringify({ ...receipt, sha256: undefined }));
    expect((await store.compute(spec, write, { engine })).seconds).toBe(seconds);
  });

  it('does not begin in a folder that holds files and no settings', async () => {
    const store = runs();
    const folder = join(store.folder, runName(spec));
    mkdirSync(folder);
    writeFileSync(join(folder, 'result.txt.12.part'), 'of a killed process');
    writeFileSync(join(folder, 'mine.txt'), 'mine');
    const refused = store.compute(spec, write, { engine });
    await expect(refused).rejects.toThrow(/run folder: expected config\.json, or no files yet, got mine\.txt/);
    expect(readdirSync(folder).sort()).toEqual(['mine.txt', 'result.txt.12.part']);
    rmSync(join(folder, 'mine.txt'));
    await store.compute(spec, write, { engine });
  });

  it('does not list what a killed process had not written whole', async () => {
    const store = runs();
    const { folder } = await store.compute(
      spec,
      async (folder) => {
        writeFileSync(join(folder, 'result.txt'), 'whole');
        writeFileSync(join(folder, 'result.txt.4711.part'), 'who');
      },
      { engine },
    );
    rmSync(join(folder, 'result.txt.4711.part'));
    const again = await store.compute(spec, () => Promise.reject(new Error('computed again')), { engine });
    expect(again.folder).toBe(folder);
  });

  it('leaves no lock behind', async () => {
    const store = runs();
    const { folder } = await store.compute(spec, write, { engine });
    expect(existsSync(join(folder, 'writing.lock'))).toBe(false);
  });
});
