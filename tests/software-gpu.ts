import { existsSync, readdirSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';

const DRIVER = 'vk_swiftshader_icd.json';
const LOADER = 'libvulkan.so.1';

/**
 * The folder of SwiftShader, Chromium's Vulkan in software, with the Vulkan loader that comes along.
 *
 * Looked for in `HYBRID_ECG_SWIFTSHADER`, then where Debian's chromium and Google Chrome put it; undefined when there is
 * none, and on machines with a GPU, unless the variable is set: the tests then run on the GPU.
 */
export function softwareGpu(): string | undefined {
  const named = process.env.HYBRID_ECG_SWIFTSHADER;
  const hasGpu = existsSync('/dev/dri') && readdirSync('/dev/dri').some((name) => name.startsWith('renderD'));
  const folders = named ? [named] : hasGpu ? [] : ['/usr/lib/chromium', '/opt/google/chrome'];
  return folders.find((folder) => [DRIVER, LOADER].every((name) => existsSync(join(folder, name))));
}

/** What a process started with these variables finds SwiftShader by. */
export function softwareGpuVariables(): Record<string, string> {
  const folder = softwareGpu();
  return folder === undefined ? {} : { VK_ICD_FILENAMES: join(folder, DRIVER), LD_LIBRARY_PATH: folder };
}

/** Lets this process find SwiftShader, before it first asks for a GPU. */
export function useSoftwareGpu(): void {
  const folder = softwareGpu();
  if (folder === undefined || process.platform !== 'linux') return;
  process.env.VK_ICD_FILENAMES = join(folder, DRIVER);
  const stays = constants.dlopen.RTLD_LAZY | 0x1000; // RTLD_NODELETE
  try {
    process.dlopen({ exports: {} }, join(folder, LOADER), stays);
  } catch {} // it is no add-on, Node says, and has loaded it, so that Dawn finds it under its name
}
