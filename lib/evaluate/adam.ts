/**
 * Adam (Kingma and Ba, 2015), with PyTorch's defaults: beta 0.9 and 0.999, epsilon 1e-8, no weight decay.
 *
 * @param parameters changed in place by each step
 * @param options learningRate
 * @returns a function that takes one step along a gradient, [parameter]
 */
export function adam(
  parameters: Float64Array,
  { learningRate }: { readonly learningRate: number },
): (gradient: Float64Array) => void {
  const [beta1, beta2, epsilon] = [0.9, 0.999, 1e-8];
  const mean = new Float64Array(parameters.length);
  const square = new Float64Array(parameters.length);
  let steps = 0;
  return (gradient) => {
    steps++;
    const rate = learningRate / (1 - beta1 ** steps);
    const spread = Math.sqrt(1 - beta2 ** steps);
    for (let i = 0; i < parameters.length; i++) {
      mean[i] = beta1 * mean[i] + (1 - beta1) * gradient[i];
      square[i] = beta2 * square[i] + (1 - beta2) * gradient[i] ** 2;
      parameters[i] -= (rate * mean[i]) / (Math.sqrt(square[i]) / spread + epsilon);
    }
  };
}
