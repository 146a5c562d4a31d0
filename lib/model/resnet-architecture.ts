import { ArgumentError } from '../errors';

/** What decides the shape of a 1-D residual network. */
export interface ResNetArchitecture {
  /** Channels of the first convolution; the features are 32 times as wide; default 64 (ResNet50). */
  readonly width?: number;
  /** Bottleneck blocks of each of the four stages; default [3, 4, 6, 3] (ResNet50). */
  readonly blocks?: readonly number[];
  /** Logits of the head `fc`; default 0: no head. */
  readonly outputs?: number;
}

/** An architecture with its defaults filled in and what follows from them. */
export interface ResolvedResNetArchitecture extends Required<ResNetArchitecture> {
  /** Width of the features, 32 times `width`: 2048. */
  readonly features: number;
}

/** A block's channels are four times as many after its last convolution as inside. */
export const EXPANSION = 4;

/** Fills in the defaults of 1D-ResNet50. @throws ArgumentError for a size that is no whole number or too small */
export function resolveResNetArchitecture(architecture: ResNetArchitecture = {}): ResolvedResNetArchitecture {
  const { width = 64, blocks = [3, 4, 6, 3], outputs = 0 } = architecture;
  const isCount = (value: number, least: number) => Number.isInteger(value) && value >= least;
  if (blocks.length !== 4 || !blocks.every((count) => isCount(count, 1))) {
    throw new ArgumentError('ResNet blocks', { expected: 'four whole numbers >= 1', actual: `[${blocks.join(', ')}]` });
  }
  if (!isCount(width, 1) || !isCount(outputs, 0)) {
    throw new ArgumentError('ResNet', {
      expected: 'a width >= 1 and outputs >= 0, whole numbers',
      actual: `width ${width}, outputs ${outputs}`,
    });
  }
  return { width, blocks, outputs, features: width * 2 ** 3 * EXPANSION };
}

/** The bottlenecks in order: name, channels inside (`width`) and before (`input`), stride. */
export function blockPlan({ width, blocks }: ResolvedResNetArchitecture) {
  return blocks.flatMap((count, stage) =>
    Array.from({ length: count }, (_, block) => {
      const inside = width * 2 ** stage;
      const before = stage === 0 ? width : (EXPANSION * inside) / 2;
      return {
        name: `layer${stage + 1}.${block}`,
        width: inside,
        input: block === 0 ? before : EXPANSION * inside,
        stride: block === 0 && stage > 0 ? 2 : 1,
      };
    }),
  );
}
