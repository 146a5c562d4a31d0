import { FormatError } from '../errors';
import { decodeFlac, flacInfo } from './flac';
import { requireRoom } from './wfdb-room';
import type { WfdbSignalFile, WfdbStored, WfdbStretch } from './wfdb-signal-file';

/** The formats stored as FLAC: the bits of a sample at most, and the value that marks an invalid one. */
export const WFDB_FLAC_FORMATS: ReadonlyMap<number, { readonly bits: number; readonly invalid: number }> = new Map([
  [508, { bits: 8, invalid: -0x80 }],
  [516, { bits: 16, invalid: -0x8000 }],
  [524, { bits: 24, invalid: -0x80_0000 }],
]);

/**
 * Reads frames of a signal file that is a FLAC stream: a channel each signal, all with the same samples a frame.
 *
 * The header's offset counts samples, as in wfdb-python.
 *
 * @param bytes the file
 * @param file its signals
 * @throws FormatError when the stream is damaged, ends early, or is not as the signals say
 */
export function readWfdbFlac(bytes: Uint8Array, file: WfdbSignalFile, stretch: WfdbStretch): WfdbStored {
  const { signals } = file;
  const [{ samplesPerFrame, byteOffset, format }] = file.used;
  const refuse = (what: string, expected: unknown, actual: unknown) =>
    new FormatError(what, { expected: String(expected), actual: String(actual), where: file.where() });
  const other = signals.find((line) => line.samplesPerFrame !== samplesPerFrame);
  if (other) throw refuse('samples a frame of a FLAC file', samplesPerFrame, other.samplesPerFrame);
  const source = { bytes, where: file.where() };
  const info = flacInfo(source);
  if (info.channels !== signals.length) throw refuse('channels of the FLAC stream', signals.length, info.channels);
  const bits = WFDB_FLAC_FORMATS.get(format)?.bits ?? 0;
  if (info.bitsPerSample > bits) throw refuse('bits a sample', `at most ${bits}`, info.bitsPerSample);

  const stored = info.samples === undefined ? undefined : info.samples - byteOffset;
  const frames = stretch.samples ?? (stored ?? Number.NaN) / samplesPerFrame;
  if (!Number.isInteger(frames) || frames < 0) {
    throw refuse('samples of the FLAC stream', `${byteOffset} and whole frames of ${samplesPerFrame}`, info.samples);
  }
  const from = Math.min(stretch.from, frames);
  const to = Math.max(from, Math.min(stretch.to ?? frames, frames));
  requireRoom((to - from) * samplesPerFrame * signals.length, { stored: bytes.length, where: () => file.where() });
  const channels = decodeFlac(source, {
    info,
    from: byteOffset + from * samplesPerFrame,
    to: byteOffset + to * samplesPerFrame,
  });
  const due = frames * samplesPerFrame;
  const longer = stored !== undefined && stored > due;
  const surplus = longer ? { expected: `${due} samples`, actual: `${stored} samples` } : undefined;
  return { frames, from, flat: interleaved(channels, samplesPerFrame, file.wide), surplus };
}

/** Channels in the order of the other formats: each frame's samples of one channel, then of the next. */
function interleaved(channels: readonly Int32Array[], perFrame: number, wide: boolean): Int16Array | Int32Array {
  const { length } = channels[0];
  const flat = wide ? new Int32Array(length * channels.length) : new Int16Array(length * channels.length);
  channels.forEach((channel, c) => {
    for (let i = 0, frame = c * perFrame; i < length; frame += channels.length * perFrame) {
      for (let s = 0; s < perFrame; s++) flat[frame + s] = channel[i++];
    }
  });
  return flat;
}
