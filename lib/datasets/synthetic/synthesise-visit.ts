import type { RandomStream } from '../../random';
import { synthesiseEcg } from './synthetic-ecg';
import { heartWaves } from './synthetic-heart';
import type { SyntheticPatient, Visit } from './synthetic-patient';

/** Samples the ECG of one visit of a patient: `synthesiseEcg` of the waves that traits and findings make. */
export function synthesiseVisit(
  { patient, visit }: { readonly patient: SyntheticPatient; readonly visit: Visit },
  stream: RandomStream,
  options: { readonly fsHz: number; readonly samples: number; readonly gainPerMv: number },
): Int16Array[] {
  const waves = heartWaves(visit.traits, visit.findings);
  const { rhythm, noise } = visit;
  return synthesiseEcg({ waves, rhythm, noise, chestGains: patient.chestGains }, stream, options);
}
