import { expect, it } from 'vitest';
import { gpuSettings, setGpuDefaults } from '../../lib/engine/gpu-settings';
import { useEngine } from '../../lib/engine/use-engine';
import { BACKENDS_HERE } from '../backends';

it('on an NVIDIA card products are in float32 and memory is taken as needed, unless the user says otherwise', () => {
  const environment: NodeJS.ProcessEnv = {};
  setGpuDefaults(environment);
  expect(environment).toEqual({ NVIDIA_TF32_OVERRIDE: '0', TF_FORCE_GPU_ALLOW_GROWTH: 'true' });
  expect(gpuSettings(environment)).toBe('products in float32 (NVIDIA_TF32_OVERRIDE=0, TF_FORCE_GPU_ALLOW_GROWTH=true)');
  const own: NodeJS.ProcessEnv = { NVIDIA_TF32_OVERRIDE: '1', TF_FORCE_GPU_ALLOW_GROWTH: 'false' };
  setGpuDefaults(own);
  expect(gpuSettings(own)).toMatch(/^products in TF32 where the card has it \(.*=1, .*=false\)$/);
});

it.skipIf(!BACKENDS_HERE.includes('tensorflow'))('TensorFlow finds them set when it loads', async () => {
  await useEngine({ backend: 'tensorflow' });
  expect(process.env.NVIDIA_TF32_OVERRIDE).toBeDefined();
  expect(process.env.TF_FORCE_GPU_ALLOW_GROWTH).toBeDefined();
});
