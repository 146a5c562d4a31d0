import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { nativeKernelsLoaded } from './native-kernels';

const load = createRequire(__filename);

/**
 * Loads the add-on that registers the kit's own operations with TensorFlow: the one compiled from these sources for this
 * processor. Without it the same is computed in plain ops.
 *
 * @param addOns the folder that the set-up puts add-ons into
 * @returns why there are none; undefined when they are loaded
 */
export function loadKernels(addOns: string): string | undefined {
  const sources = [__dirname, join(__dirname, '../../engine')]; // beside this file, or beside the compiled folder
  const program = sources.map((folder) => join(folder, 'kernels-name.cjs')).find((file) => existsSync(file));
  if (program === undefined) return 'their sources are missing';
  const { kernelsName } = load(program) as { kernelsName(): string };
  const file = join(addOns, kernelsName());
  if (!existsSync(file)) return 'they have not been compiled from these sources for this processor';
  try {
    load(file);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  nativeKernelsLoaded();
  return undefined;
}
