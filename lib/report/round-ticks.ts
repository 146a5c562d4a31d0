/**
 * Round ticks around all values, the first below the lowest and the last above the highest, at most nine steps apart.
 *
 * @param low the lowest value; high the highest
 * @param options.steps between ticks, ascending: the first that gives at most eight steps, else the last; options.most
 *   no tick lies above, e.g. 1 for a share
 */
export function roundTicks(
  [low, high]: readonly [low: number, high: number],
  { steps, most }: { readonly steps: readonly number[]; readonly most: number },
): number[] {
  const step = steps.find((one) => high - low <= 8 * one) ?? steps[steps.length - 1];
  const first = Math.max(0, Math.floor(low / step));
  const last = Math.min(Math.round(most / step), Math.ceil(high / step));
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toFixed(4)));
}
