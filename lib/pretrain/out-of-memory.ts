import { KitError } from '../errors';

/** What the backends say when memory is refused. */
const MESSAGES = [
  /OOM when allocating|RESOURCE_EXHAUSTED|Invalid TF_Status: 8\b/, // TensorFlow, on CPU and GPU
  /failed to allocate memory|Dst tensor is not initialized|CUDA_ERROR_OUT_OF_MEMORY|_STATUS_ALLOC_FAILED/i, // CUDA
  /std::bad_alloc/,
  /Array buffer allocation failed|Invalid typed array length: \d{10,}/, // JavaScript
  /memory access out of bounds|Cannot enlarge memory|Aborted\(OOM\)/, // WebAssembly, whose allocation is not checked
  /GPUOutOfMemoryError|out of memory/i, // WebGPU
];

/** How many ECGs went through a network at a time, and by which setting. */
interface Asked {
  /** What was under way, such as `training step`. */
  readonly what: string;
  readonly setting: 'microBatchSize' | 'batchSize';
  readonly from: number;
  /** The setting's value; undefined where it is unset and the whole batch of `from` went at once. */
  readonly limit?: number;
  readonly cause: Error;
}

/**
 * Memory that a network asked for and did not get: which setting to lower, and how far.
 *
 * TensorFlow says so after ten seconds of trying, on the GPU as on the CPU, and can go on with less. Not every lack of
 * memory comes to that: Linux may end the process first (exit status 137), and `std::bad_alloc` outside of a kernel
 * aborts it (134). WebAssembly cannot go on: its memory is spoilt.
 */
export class OutOfMemoryError extends KitError<'OutOfMemoryError'> {
  /** What to lower; undefined when a single ECG at a time is too much already: then only a smaller model helps. */
  readonly setting: Asked['setting'] | undefined;
  /** ECGs that went through the model at a time. */
  readonly from: number;
  /** ECGs to try: half of them, which about halves what a step takes beside the weights. */
  readonly to: number;

  constructor({ what, setting, from, limit, cause }: Asked) {
    const to = Math.max(1, Math.floor(from / 2));
    const lower =
      from > 1
        ? `set ${setting} to ${to} (now ${limit ?? `unset: the whole batch of ${from}`}), about half the memory`
        : `${setting} is at 1 already: lower embeddingSize or blockDepth, or a ResNet's width`;
    const refused = /shape ?(\[[\d,]*\])/.exec(cause.message)?.[1];
    super('OutOfMemoryError', what, {
      expected: `memory for ${from === 1 ? 'one ECG' : `${from} ECGs`} at a time`,
      actual: `out of memory${refused === undefined ? '' : ` at a tensor of shape ${refused}`}; ${lower}`,
      cause,
    });
    this.setting = from > 1 ? setting : undefined;
    this.from = from;
    this.to = to;
  }
}

/** The error to throw for one that stopped a network on so many ECGs of `batchSize` at a time. */
export function namedByBatchSize(error: unknown, { what, batchSize }: { what: string; batchSize: number }): unknown {
  if (!isOutOfMemory(error)) return error;
  return new OutOfMemoryError({ what, setting: 'batchSize', from: batchSize, limit: batchSize, cause: error });
}

/** Whether an error of a backend says that memory was refused. */
export function isOutOfMemory(error: unknown): error is Error {
  return error instanceof Error && MESSAGES.some((message) => message.test(error.message));
}
