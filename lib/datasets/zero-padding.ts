import type { Hdf5Values } from '../io/hdf5';

/** A signal as an `EcgRecord` has it. */
export interface PlanarSignal {
  /** mV, [lead, sample]. */
  readonly signal: Float32Array;
  readonly samples: number;
}

/**
 * Takes the zeros off both ends of an ECG that its publisher has padded to a fixed length, and puts it lead by lead.
 *
 * Padding is where all leads are 0: a trace of 7 s stays one of 7 s, and zeros inside stay. An ECG of zeros alone has no
 * ends; it is kept whole, for the quality checks to name.
 *
 * @param values mV, [sample, lead]
 * @param options.leads leads of a sample
 */
export function withoutZeroPadding(values: Hdf5Values, { leads }: { readonly leads: number }): PlanarSignal {
  let first = 0;
  while (first < values.length && values[first] === 0) first++;
  let last = values.length - 1;
  while (last > first && values[last] === 0) last--;
  const nothing = first === values.length;
  const start = nothing ? 0 : Math.floor(first / leads);
  const end = nothing ? values.length / leads : Math.floor(last / leads) + 1;
  const samples = end - start;
  const signal = new Float32Array(samples * leads);
  for (let lead = 0; lead < leads; lead++) {
    for (let i = 0, from = start * leads + lead; i < samples; i++, from += leads) {
      signal[lead * samples + i] = values[from];
    }
  }
  return { signal, samples };
}
