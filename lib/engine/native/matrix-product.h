// C = init + A B for row-major matrices of any layout, after the blocking of Goto and van de Geijn (2008).
//
// Both factors are copied into panels that the innermost loop reads in order: A's of kTileRows rows, B's of two vectors'
// columns. That loop holds a tile of C in registers. How the work is divided does not depend on the number of threads,
// and each element is summed in one order: results are the same on any number.

#pragma once

#include <algorithm>
#include <memory>

#include "thread-pool.h"
#include "vector.h"

namespace hybrid_ecg {

#if defined(__AVX512F__)
constexpr int kTileRows = 14; // 28 accumulators and two vectors of B, of 32 registers
#else
constexpr int kTileRows = 6; // 12 and 2 of 16
#endif
constexpr int kTileColumns = 2 * kLanes;
constexpr long kDepth = 512;        // of a panel: one of B, 64 kB at 16 lanes, stays in the second cache
constexpr long kAhead = 12;         // steps by which a panel is fetched before it is used
constexpr long kDepthAtOnce = 2048; // these three bound the copies to 64 MB
constexpr long kRowsAtOnce = 2048 / kTileRows * kTileRows;
constexpr long kColumnsAtOnce = 4096;
constexpr long kTaskRowPanels = 20, kTaskColumnPanels = 8;

/// A matrix in memory: element (i, j) lies at i * row + j * column; one of the strides is 1.
struct Matrix {
  const float *data;
  long row, column;
};

/// What C holds before the product is added: zero, a bias per column, another matrix, or both.
struct Start {
  const float *bias = nullptr;     // [columns]
  const float *residual = nullptr; // as C
};

enum class Precision { kFloat32, kBfloat16 };

inline long DivideUp(long a, long b) { return (a + b - 1) / b; }

/// Grows and keeps its memory, aligned to a cache line.
class Workspace {
public:
  float *Get(long floats) {
    if (floats > size_) {
      memory_.reset(new float[floats + 16]);
      size_ = floats;
    }
    const uintptr_t address = reinterpret_cast<uintptr_t>(memory_.get());
    return reinterpret_cast<float *>((address + 63) / 64 * 64);
  }

private:
  std::unique_ptr<float[]> memory_;
  long size_ = 0;
};

/// Copies `count` <= width lines of `depth` elements, element (line, k) at line * line_stride + k * depth_stride, to
/// panel[k * width + line]; missing lines become zero. The panel needs kLanes floats of slack at its end.
template <int width, bool bf16>
void PackPanel(const float *from, long line_stride, long depth_stride, long count, long depth, float *panel) {
  const auto round = [](Vector x) { return bf16 ? RoundToBfloat16(x) : x; };
  if (line_stride == 1 && count == width) {
    constexpr int full = width / kLanes * kLanes;
    for (long k = 0; k < depth; k++) {
      const float *line = from + k * depth_stride;
      for (int i = 0; i < full; i += kLanes) Store(panel + k * width + i, round(Load(line + i)));
      if (full < width) Store(panel + k * width + full, round(Load(line + full, width - full)), width - full);
    }
    return;
  }
  if (depth_stride == 1) {
    long k = 0;
    for (; k + kLanes <= depth; k += kLanes) {
      for (int first = 0; first < width; first += kLanes) {
        Vector square[kLanes];
        for (int i = 0; i < kLanes; i++) {
          square[i] = first + i < count ? Load(from + (first + i) * line_stride + k) : Vector{};
        }
        Transpose(square);
        const int lines = std::min<int>(kLanes, width - first);
        for (int i = 0; i < kLanes; i++) {
          float *to = panel + (k + i) * width + first;
          if (width < kLanes) Store(to, round(square[i])); // what spills over is written over next
          else Store(to, round(square[i]), lines);
        }
      }
    }
    for (; k < depth; k++) {
      for (int i = 0; i < width; i++) {
        const float x = i < count ? from[i * line_stride + k] : 0.0f;
        panel[k * width + i] = round(Splat(x))[0];
      }
    }
    return;
  }
  for (long k = 0; k < depth; k++) {
    for (int i = 0; i < width; i++) {
      const float x = i < count ? from[i * line_stride + k * depth_stride] : 0.0f;
      panel[k * width + i] = round(Splat(x))[0];
    }
  }
}

/// A tile of C, `rows` <= kTileRows high: adds the product of two panels.
template <int rows>
inline void Tile(const float *a, const float *b, long depth, Vector (&sum)[kTileRows][2]) {
  Vector acc[rows][2];
#pragma GCC unroll 14
  for (int i = 0; i < rows; i++) acc[i][0] = sum[i][0], acc[i][1] = sum[i][1];
  for (long k = 0; k < depth; k++, a += kTileRows, b += kTileColumns) {
    __builtin_prefetch(b + kAhead * kTileColumns);
    __builtin_prefetch(b + kAhead * kTileColumns + kLanes);
    __builtin_prefetch(a + kAhead * kTileRows);
    const Vector b0 = Load(b), b1 = Load(b + kLanes);
#pragma GCC unroll 14
    for (int i = 0; i < rows; i++) {
      acc[i][0] += a[i] * b0;
      acc[i][1] += a[i] * b1;
    }
  }
#pragma GCC unroll 14
  for (int i = 0; i < rows; i++) sum[i][0] = acc[i][0], sum[i][1] = acc[i][1];
}

template <int rows = kTileRows>
inline void TileOf(int count, const float *a, const float *b, long depth, Vector (&sum)[kTileRows][2]) {
  if constexpr (rows > 1) {
    if (count < rows) return TileOf<rows - 1>(count, a, b, depth, sum);
  }
  Tile<rows>(a, b, depth, sum);
}

/// A product as it is: the last step of one that has nothing done to it.
struct AsItIs {
  Vector operator()(Vector x, long, long) const { return x; }
};

/// Reads, adds to and writes one tile of C, `rows` by `columns`; `finish(x, at, count)` gives what is written of x, where
/// `at` counts C's elements from the tile's first.
template <typename Finish>
inline void AddTile(const float *a, const float *b, long depth, float *c, long stride, long rows, long columns,
                    const float *bias, const float *residual, bool fresh, Finish finish) {
  Vector sum[kTileRows][2];
  const bool whole = columns == kTileColumns;
  const auto read = [&](const float *from, int half) {
    const long count = std::min<long>(std::max<long>(columns - half * kLanes, 0), kLanes);
    return whole ? Load(from + half * kLanes) : Load(from + half * kLanes, count);
  };
  for (long i = 0; i < rows; i++) {
    for (int half = 0; half < 2; half++) {
      Vector x = {};
      if (!fresh) x = read(c + i * stride, half);
      else if (bias != nullptr) x = read(bias, half);
      if (fresh && residual != nullptr) x += read(residual + i * stride, half);
      sum[i][half] = x;
    }
  }
  for (long i = 0; i < rows; i++) { // the lines to write, while the product is computed
    __builtin_prefetch(c + i * stride, 1);
    __builtin_prefetch(c + i * stride + kLanes, 1);
  }
  TileOf(static_cast<int>(rows), a, b, depth, sum);
  for (long i = 0; i < rows; i++) {
    for (int half = 0; half < 2; half++) {
      const long count = std::min<long>(std::max<long>(columns - half * kLanes, 0), kLanes);
      const long at = i * stride + half * kLanes;
      if (count > 0) Store(c + at, finish(sum[i][half], at, count), count);
    }
  }
}

/// C `[rows, columns]` = finish(start + A `[rows, depth]` B `[depth, columns]`); C and the residual are dense.
template <bool bf16, typename Finish>
void MultiplyAs(ThreadPool &pool, Matrix a, Matrix b, long rows, long columns, long depth, float *c, Start start,
                Finish finish) {
  thread_local Workspace space_of_a, space_of_b;
  for (long n0 = 0; n0 < columns; n0 += kColumnsAtOnce) {
    const long n = std::min(kColumnsAtOnce, columns - n0), b_panels = DivideUp(n, kTileColumns);
    for (long k0 = 0; k0 < depth || k0 == 0; k0 += kDepthAtOnce) {
      const long k = std::min(kDepthAtOnce, depth - k0);
      const long a_size = kTileRows * k + kLanes, b_size = kTileColumns * k + kLanes;
      for (long m0 = 0; m0 < rows; m0 += kRowsAtOnce) {
        const long m = std::min(kRowsAtOnce, rows - m0), a_panels = DivideUp(m, kTileRows);
        float *packed_a = space_of_a.Get(a_panels * a_size), *packed_b = space_of_b.Get(b_panels * b_size);
        const long to_pack = a_panels + (m0 == 0 ? b_panels : 0), batch = 4;
        pool.ForEach(DivideUp(to_pack, batch), [&](long task) {
          for (long p = task * batch; p < std::min(to_pack, (task + 1) * batch); p++) {
            if (p < a_panels) {
              const long i = m0 + p * kTileRows;
              PackPanel<kTileRows, bf16>(a.data + i * a.row + k0 * a.column, a.row, a.column,
                                         std::min<long>(kTileRows, rows - i), k, packed_a + p * a_size);
            } else {
              const long j = n0 + (p - a_panels) * kTileColumns;
              PackPanel<kTileColumns, bf16>(b.data + j * b.column + k0 * b.row, b.column, b.row,
                                            std::min<long>(kTileColumns, columns - j), k,
                                            packed_b + (p - a_panels) * b_size);
            }
          }
        });
        const long task_rows = DivideUp(a_panels, kTaskRowPanels), task_columns = DivideUp(b_panels, kTaskColumnPanels);
        pool.ForEach(task_rows * task_columns, [&](long task) {
          const long first_a = task % task_rows * kTaskRowPanels, first_b = task / task_rows * kTaskColumnPanels;
          const long last_a = std::min(first_a + kTaskRowPanels, a_panels);
          const long last_b = std::min(first_b + kTaskColumnPanels, b_panels);
          const long blocks = std::max<long>(DivideUp(k, kDepth), 1), size = DivideUp(k, blocks);
          for (long from = 0; from < k || from == 0; from += std::max<long>(size, 1)) {
            const long many = std::min(size, k - from);
            for (long pb = first_b; pb < last_b; pb++) {
              const long j = n0 + pb * kTileColumns;
              for (long pa = first_a; pa < last_a; pa++) {
                const long i = m0 + pa * kTileRows, at = i * columns + j;
                const auto add = [&](auto last_step) {
                  AddTile(packed_a + pa * a_size + from * kTileRows, packed_b + pb * b_size + from * kTileColumns, many,
                          c + at, columns, std::min<long>(kTileRows, rows - i),
                          std::min<long>(kTileColumns, columns - j), start.bias == nullptr ? nullptr : start.bias + j,
                          start.residual == nullptr ? nullptr : start.residual + at, k0 == 0 && from == 0, last_step);
                };
                if (k0 + from + many < depth) add(AsItIs{});
                else add([&](Vector x, long offset, long count) { return finish(x, at + offset, count); });
              }
            }
          }
        });
      }
    }
  }
}

template <typename Finish = AsItIs>
void Multiply(ThreadPool &pool, Precision precision, Matrix a, Matrix b, long rows, long columns, long depth, float *c,
              Start start = {}, Finish finish = {}) {
  if (precision == Precision::kBfloat16) MultiplyAs<true>(pool, a, b, rows, columns, depth, c, start, finish);
  else MultiplyAs<false>(pool, a, b, rows, columns, depth, c, start, finish);
}

/// The sum of all rows of x `[rows, columns]`.
inline void SumRows(ThreadPool &pool, const float *x, long rows, long columns, float *sum) {
  constexpr long stripe = 4 * kLanes; // a cache line or more of each row
  pool.ForEach(DivideUp(columns, stripe), [&](long task) {
    const long start = task * stripe, width = std::min(stripe, columns - start);
    Vector total[4] = {};
    for (long row = 0; row < rows; row++) {
      ForEachVector(width, [&](long i, long n) { total[i / kLanes] += Load(x + row * columns + start + i, n); });
    }
    ForEachVector(width, [&](long i, long n) { Store(sum + start + i, total[i / kLanes], n); });
  });
}

} // namespace hybrid_ecg
