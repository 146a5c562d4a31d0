// A weighted sum of absolute errors, and its gradient.

#pragma once

#include <algorithm>
#include <vector>

#include "thread-pool.h"
#include "vector.h"

namespace hybrid_ecg {

/// What is compared: x and y `[row, size]`; `repeats` rows after each other share the weights `[row / repeats, size]`,
/// or one weight is that of all.
struct Compared {
  const float *x, *y, *weight;
  long rows, size, repeats;
  bool one_weight;

  long rows_of_task() const { return std::max<long>(8192 / std::max<long>(size, 1), 1); }
  long tasks() const { return (rows + rows_of_task() - 1) / rows_of_task(); }
};

/// Calls `work(at, count, difference, weight)` for each vector of a task's rows.
template <typename Work>
inline void ForEachDifference(const Compared &of, long task, Work work) {
  const long first = task * of.rows_of_task(), last = std::min(first + of.rows_of_task(), of.rows);
  for (long row = first; row < last; row++) {
    const float *weights = of.weight + (of.one_weight ? 0 : row / of.repeats * of.size);
    ForEachVector(of.size, [&](long i, long n) {
      const long at = row * of.size + i;
      work(at, n, Load(of.x + at, n) - Load(of.y + at, n), of.one_weight ? Splat(*weights) : Load(weights + i, n));
    });
  }
}

/// sum(weight |x - y|), added in one order: the same on any number of threads.
inline float AbsoluteError(ThreadPool &pool, const Compared &of) {
  std::vector<float> sums(of.tasks());
  pool.ForEach(of.tasks(), [&](long task) {
    Vector total = {};
    ForEachDifference(of, task, [&](long, long, Vector d, Vector weight) { total += Abs(d) * weight; });
    sums[task] = Sum(total);
  });
  double total = 0;
  for (const float sum : sums) total += sum;
  return static_cast<float>(total);
}

/// Its gradient by x, weight sign(x - y); 0 where both are the same, NaN of NaN.
inline void AbsoluteErrorGradient(ThreadPool &pool, const Compared &of, float *dx) {
  pool.ForEach(of.tasks(), [&](long task) {
    ForEachDifference(of, task, [&](long at, long n, Vector d, Vector weight) {
      Store(dx + at, d > 0.0f ? weight : d < 0.0f ? -weight : d * weight, n);
    });
  });
}

} // namespace hybrid_ecg
