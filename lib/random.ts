import { createHash } from 'node:crypto';
import { mersenne } from 'pure-rand/generator/mersenne';
import { ArgumentError } from './errors';

/** A stream of random numbers: equal seeds and names give equal streams, other names independent ones. */
export interface RandomStream {
  /** Uniform on [0, 1), 53 bits. */
  uniform(): number;
  /** Uniform integer on [0, n), n <= 2^32. */
  integer(n: number): number;
  /** Standard normal, by Box and Muller. */
  normal(): number;
  /** A new array with the values in random order (Fisher and Yates). */
  shuffled<T>(values: ArrayLike<T>): T[];
}

/**
 * Derives the stream of one purpose from a seed.
 *
 * The name carries everything that tells one use from another, also the step: `randomStream(seed, 'mask', step)`.
 * A resumed run thus needs no saved state. The generator is the Mersenne Twister, seeded by SHA-256 of seed and name.
 *
 * @throws ArgumentError when the seed or a number of the name is not finite: they would all give one stream
 */
export function randomStream(seed: number, ...name: readonly (string | number)[]): RandomStream {
  const wrong = [seed, ...name].find((part) => typeof part !== 'string' && !Number.isFinite(part));
  if (wrong !== undefined || seed === undefined) {
    throw new ArgumentError('seed of a random stream', { expected: 'a finite number', actual: String(wrong) });
  }
  const digest = createHash('sha256')
    .update(JSON.stringify([seed, ...name]))
    .digest();
  const generator = mersenne(digest.readInt32LE(0));
  const bits32 = () => generator.next() >>> 0;
  const uniform = () => ((bits32() >>> 5) * 67108864 + (bits32() >>> 6)) / 9007199254740992;
  const integer = (n: number) => {
    if (!(Number.isInteger(n) && n >= 1 && n <= 4294967296)) {
      throw new ArgumentError('random integer', { expected: 'a whole n from 1 to 2^32', actual: String(n) });
    }
    const limit = 4294967296 - (4294967296 % n); // reject the rest: no modulo bias
    let value = bits32();
    while (value >= limit) value = bits32();
    return value % n;
  };
  let spare: number | undefined;
  return {
    uniform,
    integer,
    normal() {
      if (spare !== undefined) {
        const value = spare;
        spare = undefined;
        return value;
      }
      const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
      const angle = 2 * Math.PI * uniform();
      spare = radius * Math.sin(angle);
      return radius * Math.cos(angle);
    },
    shuffled<T>(values: ArrayLike<T>): T[] {
      const result = Array.from(values);
      for (let i = result.length - 1; i > 0; i--) {
        const j = integer(i + 1);
        [result[i], result[j]] = [result[j], result[i]];
      }
      return result;
    },
  };
}
