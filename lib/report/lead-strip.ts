import { ecgPaper, leadName, lineMark, MM_PER_MV, MM_PER_S, PULSE_MM, pulsePath, roomOf } from './ecg-paper';
import { tracePath } from './trace-path';

/** Smaller than a sheet of twelve leads, for strips come by the dozen. */
const STRIP_PX_PER_MM = 2.6;

/** Ten seconds and a bit, and the calibration pulse. */
const WIDTH_MM = PULSE_MM + 10 * MM_PER_S + 10;

/** Width of every strip, px. */
export const STRIP_WIDTH = WIDTH_MM * STRIP_PX_PER_MM;

/**
 * A strip of paper with one lead on it; what does not fit, as with a wrong gain, runs along its edge, as a stylus at its
 * stop.
 *
 * @param samples mV; NaN leaves a gap. What is beyond the paper's width is cut off
 * @param options.y where the strip lies, px
 * @returns a Vega mark and its height, px
 */
export function leadStrip(
  samples: Float32Array,
  { fsHz, lead, y }: { readonly fsHz: number; readonly lead: string; readonly y: number },
): { mark: object; height: number } {
  const seen = samples.subarray(0, Math.round((10 + 10 / MM_PER_S) * fsHz));
  const { above, below } = roomOf([seen]);
  const [most, least] = [(above - 1) / MM_PER_MV, (1 - below) / MM_PER_MV];
  const drawn = seen.map((mv) => Math.max(least, Math.min(most, mv)));
  const zero = above * STRIP_PX_PER_MM;
  const trace = tracePath(drawn, {
    xStep: (MM_PER_S * STRIP_PX_PER_MM) / fsHz,
    yScale: MM_PER_MV * STRIP_PX_PER_MM,
    tolerance: 0.2,
    x: PULSE_MM * STRIP_PX_PER_MM,
    y: zero,
  });
  const height = above + below;
  const mark = ecgPaper({
    width: WIDTH_MM,
    height,
    pxPerMm: STRIP_PX_PER_MM,
    y,
    marks: [
      lineMark(pulsePath(zero, STRIP_PX_PER_MM) + trace),
      ...leadName({ x: PULSE_MM * STRIP_PX_PER_MM + 2, y: 12, words: lead }),
    ],
  });
  return { mark, height: height * STRIP_PX_PER_MM };
}
