/** How the values of a store lie on disk. */
export type StoredType = 'float32' | 'int16';

/** Largest and smallest whole microvolts of a store of int16; -32,768 is not used, for WFDB marks invalid samples by it. */
const LIMIT_UV = 32_767;

/** NumPy's name of each type, and the bytes of a value. */
export const STORED_TYPES = {
  float32: { npy: '<f4', bytes: 4 },
  int16: { npy: '<i2', bytes: 2 },
} as const;

/**
 * Millivolts as whole microvolts: to the nearest, halves to the even one (as `numpy.rint`), held within +-32,767 uV.
 *
 * @param mv mV, finite
 * @param out where the microvolts go, as long as `mv`
 * @returns how many values were beyond +-32.767 mV
 */
export function toMicrovolts(mv: Float32Array, out: Int16Array): number {
  let saturated = 0;
  for (let i = 0; i < mv.length; i++) {
    const uv = 1000 * mv[i];
    let whole = Math.round(uv); // halves go up
    if (whole - uv === 0.5 && whole % 2 !== 0) whole--;
    if (whole > LIMIT_UV || whole < -LIMIT_UV) {
      whole = whole > 0 ? LIMIT_UV : -LIMIT_UV;
      saturated++;
    }
    out[i] = whole;
  }
  return saturated;
}

/** Whole microvolts as millivolts, each the float32 nearest to it. */
export function toMillivolts(uv: Int16Array, out: Float32Array): void {
  for (let i = 0; i < uv.length; i++) out[i] = uv[i] / 1000;
}
