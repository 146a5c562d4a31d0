import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';

const program = resolve(__dirname, '../../lib/dist/commands/notebook-process.js');

it.skipIf(!existsSync(program))(
  'the process of a notebook ends when its parent is gone, also within a cell (skipped when lib/dist is not built)',
  async () => {
    const child = fork(program, []);
    const begun = new Promise<void>((done) => {
      child.on('message', ({ type, output }: { type: string; output?: { text: string } }) => {
        if (type === 'output' && output?.text.includes('computing')) done();
      });
    });
    child.send({ sources: ["console.log('computing'); await new Promise((done) => setTimeout(done, 600_000));"] });
    await begun;
    child.disconnect();
    expect(await once(child, 'exit')).toEqual([1, null]);
  },
);
