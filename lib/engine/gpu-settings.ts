/** Variables that NVIDIA's libraries and TensorFlow read when they load; those that are set stay. */
const DEFAULTS = {
  // Cards from Ampere on would round the factors of float32 products to 10 bits of mantissa: other results than a CPU's.
  NVIDIA_TF32_OVERRIDE: '0',
  // One process would take all of a card's memory, and a second training none.
  TF_FORCE_GPU_ALLOW_GROWTH: 'true',
} as const;

/** Sets what TensorFlow shall do on an NVIDIA card, before it loads: float32 products as such, memory as it is needed. */
export function setGpuDefaults(environment: NodeJS.ProcessEnv = process.env): void {
  for (const [name, value] of Object.entries(DEFAULTS)) environment[name] ??= value;
}

/** The settings in a line, for the doctor. */
export function gpuSettings(environment: NodeJS.ProcessEnv = process.env): string {
  const names = Object.keys(DEFAULTS).map((name) => `${name}=${environment[name] ?? ''}`);
  const products = environment.NVIDIA_TF32_OVERRIDE === '0' ? 'in float32' : 'in TF32 where the card has it';
  return `products ${products} (${names.join(', ')})`;
}
