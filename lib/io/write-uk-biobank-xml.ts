import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { ArgumentError } from '../errors';

/** What an ECG of UK Biobank's field 20205 is written from. */
export interface UkBiobankSource {
  readonly fsHz: number;
  /** Lead names, in any case. */
  readonly leads: readonly string[];
  /** Samples of each lead, ADC units. */
  readonly adc: readonly Int16Array[];
  /** Microvolts of one ADC unit. Default 5. */
  readonly uvPerLsb?: number;
  /** Whether `StripData` is inside `Strip`, as in some files. Default false. */
  readonly strip?: boolean;
}

/**
 * An ECG as the XML of UK Biobank's field 20205 (GE CardioSoft): `CardiologyXML/StripData` with a `WaveformData` a lead.
 *
 * @returns the document, for ISO-8859-1
 * @throws ArgumentError when the leads differ in length or number, one is empty or comes twice, a name is no attribute's
 *   value, or a number is none that a reader takes
 */
export function ukBiobankXml(source: UkBiobankSource): string {
  const { fsHz, leads, adc, uvPerLsb = 5, strip = false } = source;
  const samples = adc[0]?.length ?? 0;
  if (adc.length !== leads.length || adc.some((lead) => lead.length !== samples)) {
    throw new ArgumentError('leads', {
      expected: `${leads.length} leads of equal length`,
      actual: `lengths ${adc.map((lead) => lead.length).join(', ')}`,
    });
  }
  const odd = leads.find((lead) => !/^[\w.+-]+( [\w.+-]+)*$/.test(lead));
  if (odd !== undefined) {
    throw new ArgumentError('lead', { expected: 'letters and digits', actual: `'${odd}'` });
  }
  if (new Set(leads.map((lead) => lead.toLowerCase())).size !== leads.length || samples === 0) {
    const actual = `${samples} samples of ${leads.join(', ')}`;
    throw new ArgumentError('leads', { expected: 'samples, and each lead once', actual });
  }
  for (const [key, value] of Object.entries({ fsHz, uvPerLsb })) {
    if (/^\d+(\.\d+)?$/.test(String(value)) && value > 0 && value < 1e9) continue;
    const expected = 'a number above 0 and below 1e9, without an exponent';
    throw new ArgumentError('UK Biobank ECG', { expected, actual: String(value), where: { key } });
  }
  const waveforms = leads.map(
    (lead, i) => `\t\t<WaveformData lead="${lead}">\n\t\t\t${adc[i].join(',')}\n\t\t</WaveformData>\n`,
  );
  return [
    '<?xml version="1.0" encoding="ISO-8859-1"?>\n',
    '<CardiologyXML>\n',
    '\t<ObservationType>RestECG</ObservationType>\n',
    strip ? '\t<Strip>\n' : '',
    '\t<StripData>\n',
    `\t\t<NumberOfLeads>${leads.length}</NumberOfLeads>\n`,
    `\t\t<SampleRate units="Hz">${fsHz}</SampleRate>\n`,
    `\t\t<ChannelSampleCountTotal>${samples}</ChannelSampleCountTotal>\n`,
    `\t\t<Resolution units="uVperLsb">${uvPerLsb}</Resolution>\n`,
    ...waveforms,
    '\t</StripData>\n',
    strip ? '\t</Strip>\n' : '',
    '</CardiologyXML>\n',
  ].join('');
}

/** Writes an ECG as `ukBiobankXml`; its folder is made when it is missing. */
export function writeUkBiobankXml(path: string, source: UkBiobankSource): void {
  const xml = ukBiobankXml(source);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, xml, 'latin1');
}
