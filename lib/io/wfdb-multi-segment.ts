import { ArgumentError, FormatError } from '../errors';
import type { FileTree } from './file-tree';
import { NO_FILE, type UsesSignal, type WfdbHeader, type WfdbSegmentLine, type WfdbSignal } from './wfdb-header';
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
import { requireInside, type WfdbPlace, type WfdbSignalFile, wfdbFileSize, wfdbSignalFiles } from './wfdb-signal-file';

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
  /** All leads: the layout's signals, or the first segment's. */
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
  readHeader(name: string, uses: UsesSignal): WfdbHeader;
  /** Which leads are read. */
  readonly uses: UsesSignal;
}

/** A segment's header and what follows from it: one for all lines that name it. */
interface OpenSegment extends Pick<WfdbSegment, 'gains' | 'baselines'> {
  readonly name: string;
  readonly header: WfdbHeader;
  /** Lead of the record, among those that are read, that each signal is. */
  readonly leads: readonly number[];
  readonly files: readonly WfdbSignalFile[];
}

interface Placed {
  /** Undefined where nothing was recorded. */
  readonly opened: OpenSegment | undefined;
  /** First frame in the record. */
  readonly start: number;
  readonly samples: number;
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

  const headers = new Map<string, WfdbHeader>();
  const open = (line: WfdbSegmentLine, uses: UsesSignal): WfdbHeader => {
    requireInside(line.name, () => ({ ...where, line: line.line }));
    const header = headers.get(line.name) ?? parts.readHeader(`${folder}${line.name}`, uses);
    headers.set(line.name, header);
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
  const layout = open(described, parts.uses);
  const all = layout.signals.length;
  if (all !== master.signalCount) throw refuse('number of signals', master.signalCount, all);
  const signals = layout.signals.filter(({ used }) => used);
  requireRoom(signals.length * (to - from), { where: () => where });
  // in a fixed layout a signal is what its place says, named or not
  const uses: UsesSignal = variable ? parts.uses : (_, i) => layout.signals[i]?.used ?? true;

  const opened = new Map<string, OpenSegment>();
  const openSegment = (line: WfdbSegmentLine): OpenSegment => {
    const { name } = line;
    const header = open(line, uses);
    const known = opened.get(name);
    if (known !== undefined) return known;
    const leads = leadsOf(header, { layout, variable, where: { ...where, line: line.line } });
    const read = header.signals.filter(({ used }) => used);
    const of = signals.map((): WfdbSignal | undefined => undefined);
    leads.forEach((lead, i) => {
      of[lead] = read[i];
    });
    const segment: OpenSegment = {
      ...{ name, header, leads },
      files: wfdbSignalFiles(tree, header, pathsOf(tree, folder, name)),
      gains: of.map((signal) => signal?.gain),
      baselines: of.map((signal) => signal?.baseline),
    };
    opened.set(name, segment);
    return segment;
  };
  const within: Placed[] = [];
  let start = 0;
  for (const line of variable ? lines.slice(1) : lines) {
    const { samples, name } = line;
    if (samples > 0 && start < to && start + samples > from) {
      within.push({ opened: name === NO_FILE ? undefined : openSegment(line), start, samples });
    }
    start += samples;
  }

  const distinct = [...opened.values()];
  const stretch = highest ? fastest([...signals, ...distinct.flatMap(({ header }) => header.signals)]) : 1;
  const samples = (to - from) * stretch;
  // segments may share a file, which holds no more for it
  const files = new Map(distinct.flatMap((segment) => segment.files.map((file) => [file.name, file])));
  const stored = [...files.values()].reduce((sum, file) => sum + wfdbFileSize(tree, file), 0);
  requireRoom(signals.length * samples, { stored, where: () => where });

  // a lead is as wide as the widest of its segments
  const wide = new Set(
    distinct.flatMap(({ leads, files }) => {
      const each = files.flatMap((file) => file.used.map(() => file.wide));
      return leads.filter((_, i) => each[i]);
    }),
  );
  const signal = new Float32Array(signals.length * samples).fill(Number.NaN);
  const adc = signals.map(
    (_, lead): WfdbSamples =>
      wide.has(lead) ? new Int32Array(samples).fill(INVALID_WIDE_SAMPLE) : new Int16Array(samples).fill(INVALID_SAMPLE),
  );
  let unverified = false;
  for (const segment of within) {
    if (segment.opened === undefined) continue;
    const { name, header, leads } = segment.opened;
    const first = Math.max(from, segment.start);
    const last = Math.min(to, segment.start + segment.samples);
    const read = readWfdbSegment(tree, header, {
      ...pathsOf(tree, folder, name),
      samples: segment.samples,
      from: first - segment.start,
      to: last - segment.start,
      stretch,
      verify,
    });
    if (read.unverified) unverified = true;
    leads.forEach((lead, i) => {
      const at = (first - from) * stretch;
      signal.set(read.signal.subarray(i * read.samples, (i + 1) * read.samples), lead * samples + at);
      copySamples(read.adc[i], adc[lead], at);
    });
  }
  const none = signals.map(() => undefined);
  const segments = within.map(
    ({ opened, start, samples }): WfdbSegment => ({
      name: opened?.name,
      start: start * stretch,
      samples: samples * stretch,
      gains: opened?.gains ?? none,
      baselines: opened?.baselines ?? none,
    }),
  );
  return { samples, adc, signal, unverified, signals: layout.signals, segments, stretch };
}

function pathsOf(tree: FileTree, folder: string, name: string): WfdbPlace {
  const path = `${folder}${name}`;
  return { headerFile: () => tree.show(`${path}.hea`), folder: path.slice(0, path.lastIndexOf('/') + 1) };
}

/** The record's lead that each signal of a segment is, both counted among those that are read. */
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
  /** The layout's leads of a name that are not taken yet, the last first. */
  const free = new Map<string, number[]>();
  for (let lead = layout.signals.length - 1; lead >= 0; lead--) {
    const { description } = layout.signals[lead];
    const alike = free.get(description);
    if (alike === undefined) free.set(description, [lead]);
    else alike.push(lead);
  }
  const places = new Map(layout.signals.filter(({ used }) => used).map((signal, lead) => [signal, lead]));
  return header.signals.flatMap((line, i) => {
    const { description, units } = line;
    if (!line.used) return [];
    const lead = variable ? (free.get(description)?.pop() ?? -1) : i;
    const due: WfdbSignal | undefined = layout.signals[lead];
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
    return [places.get(due)!];
  });
}

/** Copies ADC values into an array that may be wider. */
function copySamples(source: WfdbSamples, target: WfdbSamples, at: number): void {
  target.set(source, at);
  if (!(source instanceof Int16Array) || target instanceof Int16Array) return;
  for (let i = 0; i < source.length; i++) if (source[i] === INVALID_SAMPLE) target[at + i] = INVALID_WIDE_SAMPLE;
}
