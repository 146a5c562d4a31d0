/** Why the TensorFlow backend cannot be had here, and what to do about it. The kit then runs on wasm. */
export class NoTensorflow extends Error {
  constructor(reason, todo) {
    super(`${reason}; ${todo}`);
    this.reason = reason;
    this.todo = todo;
  }
}
