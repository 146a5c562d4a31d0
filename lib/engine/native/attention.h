// Multi-head self-attention of each sample, softmax(q k^T / sqrt(head dim)) v (Vaswani et al., 2017).

#pragma once

#include <cmath>
#include <vector>

#include "matrix-product.h"

namespace hybrid_ecg {

/// qkv `[sample * token, 3 * dim]` (timm's order: all queries, keys, values), dim = heads * head_dim.
struct AttentionShape {
  long samples, tokens, heads, head_dim;
  long dim() const { return heads * head_dim; }
};

/// The part of `rows`, each `width` long, that belongs to one head of one sample: `[token, head dim]`.
inline Matrix HeadOf(const float *rows, long width, const AttentionShape &shape, long sample, long column) {
  return {rows + sample * shape.tokens * width + column, width, 1};
}

inline Matrix Transposed(Matrix m) { return {m.data, m.column, m.row}; }

/// A product on the calling thread, for matrices that fit the caches: C `[rows, columns]`, rows `stride` apart.
template <typename Way>
inline void MultiplySmall(Matrix a, Matrix b, long rows, long columns, long depth, float *c, long stride) {
  thread_local Workspace space;
  constexpr long tile_rows = Way::kTileRows;
  const long words = WordsOf<Way>(depth);
  const long a_panels = DivideUp(rows, tile_rows), b_panels = DivideUp(columns, kTileColumns);
  const long a_size = tile_rows * words + kLanes, b_size = kTileColumns * words + kLanes;
  float *panel_a = space.Get(a_panels * a_size + b_panels * b_size), *panel_b = panel_a + a_panels * a_size;
  PackRows<Way>(a, 0, rows, 0, depth, panel_a, a_size);
  PackColumns<Way>(b, 0, columns, 0, depth, panel_b, b_size);
  for (long pb = 0; pb < b_panels; pb++) {
    for (long pa = 0; pa < a_panels; pa++) {
      const long i = pa * tile_rows, j = pb * kTileColumns;
      AddTile<Way>(panel_a + pa * a_size, panel_b + pb * b_size, words, c + i * stride + j, stride,
                   std::min<long>(tile_rows, rows - i), std::min<long>(kTileColumns, columns - j), nullptr, nullptr,
                   true, AsItIs{});
    }
  }
}

/// softmax of each row after scaling, in place.
inline void Softmax(float *scores, long rows, long columns, float scale) {
  for (long row = 0; row < rows; row++, scores += columns) {
    float highest = scores[0];
    for (long j = 1; j < columns; j++) highest = std::max(highest, scores[j]);
    Vector total = {};
    ForEachVector(columns, [&](long j, long n) {
      const Vector x = Keep(Exp((Load(scores + j, n) - highest) * scale), n);
      total += x;
      Store(scores + j, x, n);
    });
    const float share = 1.0f / Sum(total);
    ForEachVector(columns, [&](long j, long n) { Store(scores + j, Load(scores + j, n) * share, n); });
  }
}

/// out `[sample * token, dim]`; the attention weights `[sample, head, token, token]` are kept for the gradient.
template <typename Way>
void Attention(ThreadPool &pool, const float *qkv, const AttentionShape &shape, float *out, float *weights) {
  const long tokens = shape.tokens, dim = shape.dim(), head = shape.head_dim;
  pool.ForEach(shape.samples * shape.heads, [&](long task) {
    const typename Way::InUse in_use;
    const long sample = task / shape.heads, column = task % shape.heads * head;
    const Matrix query = HeadOf(qkv, 3 * dim, shape, sample, column);
    const Matrix key = HeadOf(qkv, 3 * dim, shape, sample, dim + column);
    const Matrix value = HeadOf(qkv, 3 * dim, shape, sample, 2 * dim + column);
    float *weight = weights + task * tokens * tokens;
    MultiplySmall<Way>(query, Transposed(key), tokens, tokens, head, weight, tokens);
    Softmax(weight, tokens, tokens, 1.0f / std::sqrt(static_cast<float>(head)));
    MultiplySmall<Way>({weight, tokens, 1}, value, tokens, head, tokens, out + sample * tokens * dim + column, dim);
  });
}

/// With P the weights: dV = P^T dO; dP = dO V^T; dS = P (dP - rowsum(P dP)) / sqrt(head dim); dQ = dS K; dK = dS^T Q.
template <typename Way>
void AttentionGradient(ThreadPool &pool, const float *dout, const float *qkv, const float *weights,
                       const AttentionShape &shape, float *dqkv) {
  const long tokens = shape.tokens, dim = shape.dim(), head = shape.head_dim;
  const float scale = 1.0f / std::sqrt(static_cast<float>(head));
  pool.ForEach(shape.samples * shape.heads, [&](long task) {
    const typename Way::InUse in_use;
    thread_local Workspace space;
    const long sample = task / shape.heads, column = task % shape.heads * head;
    const Matrix query = HeadOf(qkv, 3 * dim, shape, sample, column);
    const Matrix key = HeadOf(qkv, 3 * dim, shape, sample, dim + column);
    const Matrix value = HeadOf(qkv, 3 * dim, shape, sample, 2 * dim + column);
    const Matrix slope = HeadOf(dout, dim, shape, sample, column);
    const float *weight = weights + task * tokens * tokens;
    float *to = dqkv + sample * tokens * 3 * dim + column;
    float *dscore = space.Get(tokens * tokens);
    MultiplySmall<Way>({weight, 1, tokens}, slope, tokens, head, tokens, to + 2 * dim, 3 * dim);
    MultiplySmall<Way>(slope, Transposed(value), tokens, tokens, head, dscore, tokens);
    for (long row = 0; row < tokens; row++) {
      float *d = dscore + row * tokens;
      const float *p = weight + row * tokens;
      Vector total = {};
      ForEachVector(tokens, [&](long j, long n) { total += Load(d + j, n) * Load(p + j, n); });
      const float mean = Sum(total);
      ForEachVector(tokens, [&](long j, long n) {
        Store(d + j, Load(p + j, n) * (Load(d + j, n) - mean) * scale, n);
      });
    }
    MultiplySmall<Way>({dscore, tokens, 1}, key, tokens, head, tokens, to, 3 * dim);
    MultiplySmall<Way>({dscore, 1, tokens}, query, tokens, head, tokens, to + dim, 3 * dim);
  });
}

} // namespace hybrid_ecg
