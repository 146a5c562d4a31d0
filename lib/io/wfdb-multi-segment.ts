import { ArgumentError, FormatError } from '../errors';
import type { FileTree } from './file-tree';
import { NO_FILE, type WfdbHeader, type WfdbSegmentLine, type WfdbSignal } from './wfdb-header';
import { requireRoom } from './wfdb-room';
import {
  fastest,
  INVALID_SAMPLE,
  INVALID_WIDE_SAMPLE,
  readWfdbSegment,
  type WfdbPart,
  type WfdbSamples,
  type WfdbSegmentSamples,
} from './wfdb-segment';
import { requireInside, type WfdbPlace, wfdbFileSize, wfdbSignalFiles } from './wfdb-signal-file';

/** A segment of a WFDB record of several. */
export interface WfdbSegment {
  /** Record of the segment; undefined where nothing was recorded. */
  readonly name: string | undefined;
  /** Its first sample in the record, at the record's rate. */
  readonly start: number;
  /** Samples of each lead. */
  readonly samples: number;
  /** ADC units for one physical unit, a lead of the record each; undefined for a lead that the segment has not. */
  readonly gains: readonly (number | undefined)[];
  /** ADC value of 0 physical units, likewise. */
  readonly baselines: readonly (number | undefined)[];
}

/** The samples of several segments in a row. */
export interface WfdbSegmentsSamples extends WfdbSegmentSamples {
  /** The leads: the layout's signals, or the first segment's. */
  readonly signals: readonly WfdbSignal[];
  /** The segments that were read, wholly or in part. */
  readonly segments: readonly WfdbSegment[];
  /** Samples that a frame became. */
  readonly stretch: number;
}

/** What is read of a record of several segments. */
export interface WfdbParts extends Pick<WfdbPart, 'headerFile' | 'folder' | 'from' | 'to' | 'verify'> {
  /** Repeat samples to the rate of the fastest signal. */
  readonly highest: boolean;
  /** Reads the header of a segment by its name in the tree. */
  readHeader(name: string): WfdbHeader;
}

interface Placed {
  readonly name: string;
  readonly header: WfdbHeader;
  /** First frame in the record. */
  readonly start: number;
  readonly samples: number;
  /** Lead of the record that each signal is. */
  readonly leads: readonly number[];
}

/**
 * Reads a record of several segments: of fixed layout, where all have the same signals, or of variable layout, where
 * the first is a layout of length 0 that lists the signals of all others by name.
 *
 * Leads that a segment has not, and null segments (`~`), are NaN. Only the segments within the range are opened. Each
 * segment is read with its own gain and baseline. A skew does not reach over the border of a segment: there the last
 * samples of the lead are NaN.
 *
 * @param tree where the files lie
 * @param master the master header
 * @throws as `readWfdbSegment`; FormatError too when a segment differs from the master header in length or rate, from
 *   the layout in a name or unit, or is itself of several
 */
export function readWfdbSegments(tree: FileTree, master: WfdbHeader, parts: WfdbParts): WfdbSegmentsSamples {
  const { headerFile, folder, from, verify, highest } = parts;
  const lines = master.segments ?? [];
  const where = { file: headerFile(), record: master.name };
  const refuse = (what: string, expected: unknown, actual: unknown, line?: number) =>
    new FormatError(what, { expected: String(expected), actual: String(actual), where: { ...where, line } });

  const total = lines.reduce((sum, line) => sum + line.samples, 0);
  if (!Number.isSafeInteger(total) || (master.samples !== undefined && master.samples !== total)) {
    throw refuse('samples of the segments', master.samples ?? 'a whole number', total);
  }
  const to = parts.to ?? total;
  if (!(from <= to && to <= total)) {
    const expected = `a range of the ${total} of the record`;
    throw new ArgumentError('samples', { expected, actual: `${from} to ${to}`, where });
  }

  const open = (line: WfdbSegmentLine): WfdbHeader => {
    requireInside(line.name, () => ({ ...where, line: line.line }));
    const header = parts.readHeader(`${folder}${line.name}`);
    if (header.segments !== undefined) throw refuse('segment', 'one of a single segment', `'${line.name}'`, line.line);
    if (header.fsHz !== master.fsHz) throw refuse(`rate of '${line.name}'`, master.fsHz, header.fsHz, line.line);
    if (line.samples > 0 && header.samples !== undefined && header.samples !== line.samples) {
      throw refuse(`samples of '${line.name}'`, line.samples, header.samples, line.line);
    }
    return header;
  };
  const variable = lines.length > 0 && lines[0].samples === 0 && lines[0].name !== NO_FILE;
  const described = variable ? lines[0] : lines.find((line) => line.name !== NO_FILE && line.samples > 0);
  if (described === undefined) throw refuse('segments', 'one that has signals', 'none');
  const layout = open(described);
  const { signals } = layout;
  if (signals.length !== master.signalCount) throw refuse('number of signals', master.signalCount, signals.length);

  const within: (Placed | { name: undefined; start: number; samples: number })[] = [];
  let start = 0;
  for (const line of variable ? lines.slice(1) : lines) {
    const { samples, name } = line;
    if (samples > 0 && start < to && start + samples > from) {
      if (name === NO_FILE) within.push({ name: undefined, start, samples });
      else {
        const header = line === described ? layout : open(line);
        const leads = leadsOf(header, { layout, variable, where: { ...where, line: line.line } });
        within.push({ name, header, start, samples, leads });
      }
    }
    start += samples;
  }

  const placed = within.filter((segment): segment is Placed => segment.name !== undefined);
  const stretch = highest ? fastest([...signals, ...placed.flatMap(({ header }) => header.signals)]) : 1;
  const samples = (to - from) * stretch;
  const files = placed.map(({ header, name }) => wfdbSignalFiles(tree, header, pathsOf(tree, folder, name)));
  const stored = files.flat().reduce((sum, file) => sum + wfdbFileSize(tree, file), 0);
  requireRoom(signals.length * samples, { stored, where: () => where });

  // a lead is as wide as the widest of its segments
  const wide = new Set(
    placed.flatMap(({ leads }, i) =>
      files[i].flatMap((file) => (file.wide ? leads.slice(file.first, file.first + file.signals.length) : [])),
    ),
  );
  const signal = new Float32Array(signals.length * samples).fill(Number.NaN);
  const adc = signals.map(
    (_, lead): WfdbSamples =>
      wide.has(lead) ? new Int32Array(samples).fill(INVALID_WIDE_SAMPLE) : new Int16Array(samples).fill(INVALID_SAMPLE),
  );
  for (const segment of placed) {
    const first = Math.max(from, segment.start);
    const last = Math.min(to, segment.start + segment.samples);
    const read = readWfdbSegment(tree, segment.header, {
      ...pathsOf(tree, folder, segment.name),
      samples: segment.samples,
      from: first - segment.start,
      to: last - segment.start,
      stretch,
      verify,
    });
    segment.leads.forEach((lead, i) => {
      const at = (first - from) * stretch;
      signal.set(read.signal.subarray(i * read.samples, (i + 1) * read.samples), lead * samples + at);
      copySamples(read.adc[i], adc[lead], at);
    });
  }
  const segments = within.map((segment): WfdbSegment => {
    const of = (lead: number) =>
      segment.name === undefined ? undefined : segment.header.signals[segment.leads.indexOf(lead)];
    return {
      name: segment.name,
      start: segment.start * stretch,
      samples: segment.samples * stretch,
      gains: signals.map((_, lead) => of(lead)?.gain),
      baselines: signals.map((_, lead) => of(lead)?.baseline),
    };
  });
  return { samples, adc, signal, signals, segments, stretch };
}

function pathsOf(tree: FileTree, folder: string, name: string): WfdbPlace {
  const path = `${folder}${name}`;
  return { headerFile: () => tree.show(`${path}.hea`), folder: path.slice(0, path.lastIndexOf('/') + 1) };
}

/** The record's lead that each signal of a segment is. */
function leadsOf(
  header: WfdbHeader,
  options: {
    readonly layout: WfdbHeader;
    readonly variable: boolean;
    readonly where: { readonly file: string; readonly record: string; readonly line: number };
  },
): number[] {
  const { layout, variable, where } = options;
  if (!variable && header.signals.length !== layout.signals.length) {
    const [expected, actual] = [String(layout.signals.length), String(header.signals.length)];
    throw new FormatError(`signals of '${header.name}'`, { expected, actual, where });
  }
  const taken = new Set<number>();
  return header.signals.map((line, i) => {
    const { description, units } = line;
    const lead = variable
      ? layout.signals.findIndex((signal, k) => signal.description === description && !taken.has(k))
      : i;
    const due = layout.signals[lead];
    // a signal without a name of its own is named after its segment
    const unnamed = description === `record ${header.name}, signal ${i}`;
    if (due === undefined || !(variable || unnamed || due.description === description)) {
      const expected = due === undefined ? "one of the layout's" : `'${due.description}' as in '${layout.name}'`;
      throw new FormatError(`lead ${i + 1} of '${header.name}'`, { expected, actual: `'${description}'`, where });
    }
    if (units !== due.units) {
      const what = `unit of '${description}' in '${header.name}'`;
      throw new FormatError(what, { expected: `'${due.units}'`, actual: `'${units}'`, where });
    }
    taken.add(lead);
    return lead;
  });
}

/** Copies ADC values into an array that may be wider. */
function copySamples(source: WfdbSamples, target: WfdbSamples, at: number): void {
  target.set(source, at);
  if (!(source instanceof Int16Array) || target instanceof Int16Array) return;
  for (let i = 0; i < source.length; i++) if (source[i] === INVALID_SAMPLE) target[at + i] = INVALID_WIDE_SAMPLE;
}
