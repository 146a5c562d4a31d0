// Layer normalisation of rows, y = (x - mean) / sqrt(variance + epsilon) * gain + bias (Ba et al., 2016).

#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "thread-pool.h"
#include "vector.h"

namespace hybrid_ecg {

constexpr float kNormEpsilon = 1e-6f; // timm's and MAE's
constexpr long kNormRows = 32; // of a task: its sums of the gain's and bias's gradients are added in order

/// x, y `[rows, dim]`; mean and reciprocal deviation `[rows]` are kept for the gradient.
inline void LayerNorm(ThreadPool &pool, const float *x, const float *gain, const float *bias, long rows, long dim,
                      float *y, float *mean, float *reciprocal) {
  pool.ForEach((rows + kNormRows - 1) / kNormRows, [&](long task) {
    for (long row = task * kNormRows; row < std::min(rows, (task + 1) * kNormRows); row++) {
      const float *from = x + row * dim;
      float *to = y + row * dim;
      Vector total = {};
      ForEachVector(dim, [&](long i, long n) { total += Load(from + i, n); });
      const float middle = Sum(total) / dim;
      Vector squares = {};
      ForEachVector(dim, [&](long i, long n) {
        const Vector centred = Keep(Load(from + i, n) - middle, n);
        squares += centred * centred;
      });
      const float scale = 1.0f / std::sqrt(Sum(squares) / dim + kNormEpsilon);
      ForEachVector(dim, [&](long i, long n) {
        const Vector normal = (Load(from + i, n) - middle) * scale;
        Store(to + i, normal * Load(gain + i, n) + Load(bias + i, n), n);
      });
      mean[row] = middle;
      reciprocal[row] = scale;
    }
  });
}

/// dx = r (g - mean(g) - n mean(g n)) + added, with g = gain dy, n the normalised x, r the reciprocal deviation; `added`
/// `[rows, dim]` or null is the gradient that reaches x on another way. dx may be dy.
inline void LayerNormGradient(ThreadPool &pool, const float *dy, const float *x, const float *gain, const float *mean,
                              const float *reciprocal, const float *added, long rows, long dim, float *dx, float *dgain,
                              float *dbias) {
  const long tasks = (rows + kNormRows - 1) / kNormRows;
  std::vector<float> sums(tasks * 2 * dim, 0.0f); // [task, gain or bias, dim]
  pool.ForEach(tasks, [&](long task) {
    float *gain_sum = sums.data() + task * 2 * dim, *bias_sum = gain_sum + dim;
    for (long row = task * kNormRows; row < std::min(rows, (task + 1) * kNormRows); row++) {
      const float *from = x + row * dim, *slope = dy + row * dim;
      const float middle = mean[row], scale = reciprocal[row];
      Vector level = {}, along = {};
      ForEachVector(dim, [&](long i, long n) {
        const Vector d = Load(slope + i, n), g = d * Load(gain + i, n);
        const Vector normal = (Load(from + i, n) - middle) * scale;
        level += g;
        along += g * normal;
        Store(gain_sum + i, Load(gain_sum + i, n) + d * normal, n);
        Store(bias_sum + i, Load(bias_sum + i, n) + d, n);
      });
      const float mean_level = Sum(level) / dim, mean_along = Sum(along) / dim;
      ForEachVector(dim, [&](long i, long n) {
        const Vector g = Load(slope + i, n) * Load(gain + i, n);
        const Vector normal = (Load(from + i, n) - middle) * scale;
        const Vector other = added == nullptr ? Vector{} : Load(added + row * dim + i, n);
        Store(dx + row * dim + i, (g - mean_level - normal * mean_along) * scale + other, n);
      });
    }
  });
  ForEachVector(dim, [&](long i, long n) {
    Vector gain_total = {}, bias_total = {};
    for (long task = 0; task < tasks; task++) {
      gain_total += Load(sums.data() + task * 2 * dim + i, n);
      bias_total += Load(sums.data() + task * 2 * dim + dim + i, n);
    }
    Store(dgain + i, gain_total, n);
    Store(dbias + i, bias_total, n);
  });
}

} // namespace hybrid_ecg
