import type { EcgRecord } from '../../lib/datasets/ecg-record';
import { LEADS } from '../../lib/signal/leads';

/** A made-up record: lead i is a sine of i + 1 cycles in 10 s, of 0.5 mV. */
export function exampleRecord(changes: Partial<EcgRecord> = {}): EcgRecord {
  const { fsHz = 250, samples = 10 * fsHz, leads = LEADS } = changes;
  const signal = new Float32Array(leads.length * samples);
  leads.forEach((_, i) => {
    for (let s = 0; s < samples; s++) {
      signal[i * samples + s] = 0.5 * Math.sin((2 * Math.PI * (i + 1) * s) / (10 * fsHz));
    }
  });
  return { dataset: 'example', recordId: '7', patientId: '3', fsHz, leads, signal, samples, file: 'x/7', ...changes };
}
