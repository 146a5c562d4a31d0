import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = resolve(__dirname, '../..');
const dist = join(root, 'lib/dist');
const node24 = process.env.HYBRID_ECG_NODE_24;
const reason = !node24
  ? ' (skipped: HYBRID_ECG_NODE_24 names no Node 24; .ci/run sets it)'
  : existsSync(join(dist, 'index.js'))
    ? ''
    : ' (skipped: lib/dist has not been built, `npm test` does it)';

function run(node: string, args: string[]): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(node, args, { cwd: root, encoding: 'utf8' });
  return { status, stdout, stderr };
}

// Two steps of hybrid learning on noise: data, masks, views, forward, backward, AdamW.
const STEPS = `
  const { useEngine, createEncoder, randomStream, Objective, DEFAULT_OBJECTIVE } = require(${JSON.stringify(dist)});
  const { AdamW } = require(${JSON.stringify(join(dist, 'engine/adamw.js'))});
  const { trainingStep } = require(${JSON.stringify(join(dist, 'pretrain/training-step.js'))});
  useEngine({ threads: 1 }).then(({ backend }) => {
    const encoder = createEncoder({ patchSize: 125, blockDepth: 2, embeddingSize: 64 }, { seed: 0 });
    const objective = new Objective('hybrid', encoder, { ...DEFAULT_OBJECTIVE, seed: 0 });
    const optimiser = new AdamW(encoder.parameters);
    const noise = randomStream(0, 'ecgs');
    const ecgs = Float32Array.from({ length: 8 * 12 * 2500 }, () => noise.normal());
    const patientIds = [...'aabbcdef'];
    const reports = [0, 1].map((step) => {
      const terms = objective.prepare({ ecgs, patientIds }, step);
      return trainingStep(encoder.parameters, terms, { optimiser, total: (t) => objective.total(t), rate: 1e-3 });
    });
    console.log(JSON.stringify({ backend, reports }));
  });`;

describe.skipIf(reason !== '')(`on Node 24${reason}`, () => {
  it('the doctor finds the same engine as here', () => {
    const { status, stdout, stderr } = run(node24!, ['lib/setup/kit.mjs', 'doctor', '--json']);
    expect(status, stderr).toBe(0);
    const { node, engine } = JSON.parse(stdout);
    expect(node).toMatch(/^24\./);
    const here = JSON.parse(run(process.execPath, ['lib/setup/kit.mjs', 'doctor', '--json']).stdout);
    expect(engine[0].replace(/;.*/, '')).toBe(here.engine[0].replace(/;.*/, ''));
  });

  it('training steps give the same losses, bit for bit, and print nothing else', () => {
    const there = run(node24!, ['-e', STEPS]);
    expect(there).toMatchObject({ status: 0, stderr: '' });
    expect(JSON.parse(there.stdout).reports).toHaveLength(2);
    expect(there.stdout).toBe(run(process.execPath, ['-e', STEPS]).stdout);
  });
});
