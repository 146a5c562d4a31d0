// Batch normalisation by the batch's own statistics, y = (x - mean) / sqrt(variance + epsilon) * gain + bias of each
// column (Ioffe and Szegedy, 2015).
//
// Rows are summed in blocks, and the blocks' sums in float64. TensorFlow's kernels, oneDNN's most of all, add up float32
// all the way: over 80,000 rows the variance is off by 1e-5, and a ReLU behind it switches where it should not.

#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "thread-pool.h"
#include "vector.h"

namespace hybrid_ecg {

constexpr double kBatchNormEpsilon = 1e-5; // PyTorch's

/// Blocks of rows that a core's cache holds, and that are short enough for float32 sums.
struct RowBlocks {
  long rows, dim;

  long size() const { return std::clamp(16384 / std::max(dim, 1L), 64L, 256L); }
  long count() const { return (rows + size() - 1) / size(); }
  long first(long block) const { return block * size(); }
  long last(long block) const { return std::min(rows, first(block) + size()); }
};

/// x, y `[rows, dim]`; mean and biased variance `[dim]`.
inline void BatchNorm(ThreadPool &pool, const float *x, const float *gain, const float *bias, long rows, long dim,
                      float *y, float *mean, float *variance) {
  const RowBlocks blocks = {rows, dim};
  std::vector<float> sums(blocks.count() * 2 * dim); // [block, mean or squares about it, dim]
  pool.ForEach(blocks.count(), [&](long block) {
    float *means = sums.data() + block * 2 * dim, *squares = means + dim;
    const long first = blocks.first(block), last = blocks.last(block);
    ForEachVector(dim, [&](long i, long n) {
      Vector total = {};
      for (long row = first; row < last; row++) total += Load(x + row * dim + i, n);
      const Vector middle = total / static_cast<float>(last - first);
      Vector spread = {};
      for (long row = first; row < last; row++) {
        const Vector centred = Load(x + row * dim + i, n) - middle;
        spread += centred * centred;
      }
      Store(means + i, middle, n);
      Store(squares + i, spread, n);
    });
  });
  std::vector<double> middle(dim), spread(dim);
  const auto for_each_sum = [&](auto work) {
    for (long block = 0; block < blocks.count(); block++) {
      const float *means = sums.data() + block * 2 * dim;
      const double count = blocks.last(block) - blocks.first(block);
      for (long i = 0; i < dim; i++) work(i, count, means[i], means[dim + i]);
    }
  };
  for_each_sum([&](long i, double count, double of_block, double) { middle[i] += count / rows * of_block; });
  for_each_sum([&](long i, double count, double of_block, double squares) {
    spread[i] += squares + count * (of_block - middle[i]) * (of_block - middle[i]);
  });
  std::vector<float> scale(dim);
  for (long i = 0; i < dim; i++) {
    mean[i] = static_cast<float>(middle[i]);
    variance[i] = static_cast<float>(spread[i] / rows);
    scale[i] = static_cast<float>(gain[i] / std::sqrt(spread[i] / rows + kBatchNormEpsilon));
  }
  pool.ForEach(blocks.count(), [&](long block) {
    for (long row = blocks.first(block); row < blocks.last(block); row++) {
      ForEachVector(dim, [&](long i, long n) {
        const long at = row * dim + i;
        Store(y + at, (Load(x + at, n) - Load(mean + i, n)) * Load(scale.data() + i, n) + Load(bias + i, n), n);
      });
    }
  });
}

/// dx = gain r (dy - mean(dy) - n mean(dy n)), n the normalised x and r the reciprocal deviation.
inline void BatchNormGradient(ThreadPool &pool, const float *dy, const float *x, const float *gain, const float *mean,
                              const float *variance, long rows, long dim, float *dx, float *dgain, float *dbias) {
  const RowBlocks blocks = {rows, dim};
  std::vector<float> reciprocal(dim), scale(dim);
  for (long i = 0; i < dim; i++) {
    reciprocal[i] = static_cast<float>(1 / std::sqrt(variance[i] + kBatchNormEpsilon));
    scale[i] = gain[i] * reciprocal[i];
  }
  std::vector<float> sums(blocks.count() * 2 * dim); // [block, dy n or dy, dim]
  pool.ForEach(blocks.count(), [&](long block) {
    float *along = sums.data() + block * 2 * dim, *level = along + dim;
    ForEachVector(dim, [&](long i, long n) {
      const Vector middle = Load(mean + i, n);
      Vector products = {}, total = {};
      for (long row = blocks.first(block); row < blocks.last(block); row++) {
        const Vector slope = Load(dy + row * dim + i, n);
        products += slope * (Load(x + row * dim + i, n) - middle);
        total += slope;
      }
      Store(along + i, products * Load(reciprocal.data() + i, n), n);
      Store(level + i, total, n);
    });
  });
  std::vector<double> totals(2 * dim);
  for (long block = 0; block < blocks.count(); block++) {
    for (long i = 0; i < 2 * dim; i++) totals[i] += sums[block * 2 * dim + i];
  }
  std::vector<float> along(dim), level(dim);
  for (long i = 0; i < dim; i++) {
    dgain[i] = static_cast<float>(totals[i]);
    dbias[i] = static_cast<float>(totals[dim + i]);
    along[i] = static_cast<float>(totals[i] * reciprocal[i] / rows);
    level[i] = static_cast<float>(totals[dim + i] / rows);
  }
  pool.ForEach(blocks.count(), [&](long block) {
    for (long row = blocks.first(block); row < blocks.last(block); row++) {
      ForEachVector(dim, [&](long i, long n) {
        const long at = row * dim + i;
        const Vector other = (Load(x + at, n) - Load(mean + i, n)) * Load(along.data() + i, n);
        Store(dx + at, (Load(dy + at, n) - Load(level.data() + i, n) - other) * Load(scale.data() + i, n), n);
      });
    }
  });
}

} // namespace hybrid_ecg
