// Affine maps of rows, y = x W^T + b, and their gradients.

#pragma once

#include <algorithm>
#include <type_traits>

#include "matrix-product.h"

namespace hybrid_ecg {

/// The shape of a map: x `[rows, in]`, weight `[out, in]`, bias `[out]`, y `[rows, out]`.
struct LinearShape {
  long rows, in, out;
};

/// y = finish(residual + x weight^T + bias); the residual `[rows, out]` may be null.
template <typename Finish = AsItIs>
void Linear(ThreadPool &pool, Precision precision, const LinearShape &shape, const float *x, const float *weight,
            const float *bias, const float *residual, float *y, Finish finish = {}) {
  Multiply(pool, precision, {x, shape.in, 1}, {weight, 1, shape.in}, shape.rows, shape.out, shape.in, y,
           {bias, residual}, finish);
}

/// The sum of all rows of x `[rows, columns]`.
inline void SumRows(ThreadPool &pool, const float *x, long rows, long columns, float *sum) {
  constexpr long vectors = 8, stripe = vectors * kLanes; // so much of a row is added up in registers
  constexpr long ahead = 8;                              // rows by which a stripe is fetched before it is used
  pool.ForEach(DivideUp(columns, stripe), [&](long task) {
    const long start = task * stripe, width = std::min(stripe, columns - start);
    Vector total[vectors] = {};
    const auto add = [&](auto all) {
      for (long row = 0; row < rows; row++) {
        const float *at = x + row * columns + start;
        for (long i = 0; i < vectors; i++) {
          __builtin_prefetch(at + ahead * columns + i * kLanes);
          total[i] += Load(at + i * kLanes, std::max<long>(all - i * kLanes, 0));
        }
      }
    };
    if (width == stripe) add(std::integral_constant<long, stripe>{});
    else add(width);
    std::copy_n(reinterpret_cast<const float *>(total), width, sum + start);
  });
}

/// dx = finish(dy weight), dweight = dy^T x, dbias = the sum of dy's rows; without `dx` the first is left out.
template <typename Finish = AsItIs>
void LinearGradient(ThreadPool &pool, Precision precision, const LinearShape &shape, const float *dy, const float *x,
                    const float *weight, float *dx, float *dweight, float *dbias, Finish finish = {}) {
  const auto [rows, in, out] = shape;
  if (dx != nullptr) Multiply(pool, precision, {dy, out, 1}, {weight, in, 1}, rows, in, out, dx, {}, finish);
  Multiply(pool, precision, {dy, 1, out}, {x, in, 1}, out, in, rows, dweight);
  SumRows(pool, dy, rows, out, dbias);
}

} // namespace hybrid_ecg
