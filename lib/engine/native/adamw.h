// AdamW (Loshchilov and Hutter, 2019) on all weights of a model in one pass, and the square of a gradient's norm.

#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "thread-pool.h"
#include "vector.h"

namespace hybrid_ecg {

constexpr long kAdamChunk = 16384; // elements of a task

/// A stretch of one of several arrays.
struct Stretch {
  long array, start, count;
};

inline std::vector<Stretch> CutUp(const std::vector<long> &sizes) {
  std::vector<Stretch> stretches;
  for (size_t i = 0; i < sizes.size(); i++) {
    for (long start = 0; start < sizes[i]; start += kAdamChunk) {
      stretches.push_back({static_cast<long>(i), start, std::min(kAdamChunk, sizes[i] - start)});
    }
  }
  return stretches;
}

/// The sum of all elements' squares; added in one order, so it is the same on any number of threads.
inline float SumOfSquares(ThreadPool &pool, const std::vector<const float *> &arrays, const std::vector<long> &sizes) {
  const std::vector<Stretch> stretches = CutUp(sizes);
  std::vector<float> squares(stretches.size());
  pool.ForEach(stretches.size(), [&](long task) {
    const Stretch &stretch = stretches[task];
    const float *from = arrays[stretch.array] + stretch.start;
    Vector total = {};
    ForEachVector(stretch.count, [&](long i, long n) {
      const Vector x = Load(from + i, n);
      total += x * x;
    });
    squares[task] = Sum(total);
  });
  double total = 0;
  for (const float square : squares) total += square;
  return static_cast<float>(total);
}

/// One weight with its gradient and moments, `size` elements each, and its own learning rate and weight decay.
struct AdamWeight {
  float *weight, *first, *second;
  const float *gradient;
  long size;
  float rate, decay;
};

/// What all weights share in one update.
struct AdamStep {
  float beta1, beta2;
  float first_scale, second_scale; // the bias corrections, 1 / (1 - beta^t)
  float epsilon;
  float gradient_scale; // all gradients are multiplied by it first
};

/// Updates weights and moments in place.
inline void UpdateWeights(ThreadPool &pool, const std::vector<AdamWeight> &weights, const AdamStep &step) {
  std::vector<long> sizes;
  for (const AdamWeight &weight : weights) sizes.push_back(weight.size);
  const std::vector<Stretch> stretches = CutUp(sizes);
  pool.ForEach(stretches.size(), [&](long task) {
    const Stretch &stretch = stretches[task];
    const AdamWeight &w = weights[stretch.array];
    const float keep = 1.0f - w.rate * w.decay;
    ForEachVector(stretch.count, [&](long at, long n) {
      const long i = stretch.start + at;
      const Vector g = Load(w.gradient + i, n) * step.gradient_scale;
      const Vector first = Load(w.first + i, n) * step.beta1 + g * (1.0f - step.beta1);
      const Vector second = Load(w.second + i, n) * step.beta2 + g * g * (1.0f - step.beta2);
      const Vector deviation = SquareRoot(second * step.second_scale) + step.epsilon;
      Store(w.first + i, first, n);
      Store(w.second + i, second, n);
      Store(w.weight + i, Load(w.weight + i, n) * keep - first * (step.first_scale * w.rate) / deviation, n);
    });
  });
}

} // namespace hybrid_ecg
