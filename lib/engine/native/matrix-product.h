// C = init + A B for row-major matrices of any layout, after the blocking of Goto and van de Geijn (2008).
//
// Both factors are copied into panels that the innermost loop reads in order: A's as high as a tile of C, B's of two
// vectors' columns. That loop holds a tile of C in registers. Each element is summed in one order however the work is
// divided: results are the same on any number of threads.

#pragma once

#include <algorithm>

#include "panels.h"
#include "thread-pool.h"
#include "vector.h"

namespace hybrid_ecg {

// In words, so that what is kept in a cache is as large in every way of multiplying.
constexpr long kDepth = 512;        // of a panel: one of B, 64 kB at 16 lanes, stays in the second cache
constexpr long kAhead = 12;         // steps by which a panel is fetched before it is used
constexpr long kDepthAtOnce = 2048; // these three bound the copies to 64 MB
constexpr long kRowsAtOnce = 2048;
constexpr long kColumnsAtOnce = 4096;
constexpr long kPackedPanels = 8; // by one task
constexpr long kTaskColumnPanels = 8;
constexpr long kTasksPerThread = 4; // at least, where C is large enough: the threads then end at about the same time

/// What C holds before the product is added: zero, a bias per column, another matrix, or both.
struct Start {
  const float *bias = nullptr;     // [columns]
  const float *residual = nullptr; // as C
};

enum class Precision { kFloat32, kBfloat16 };

/// A tile of C, `rows` high, held in registers: adds the product of two panels.
template <typename Way, int rows>
__attribute__((noinline)) void AddInRegisters(const float *a, const float *b, long words, Vector (&sum)[Way::kTileRows][2]) {
  Vector acc[rows][2];
#pragma GCC unroll 14
  for (int i = 0; i < rows; i++) acc[i][0] = sum[i][0], acc[i][1] = sum[i][1];
  for (long word = 0; word < words; word++, a += Way::kTileRows, b += kTileColumns) {
    __builtin_prefetch(b + kAhead * kTileColumns);
    __builtin_prefetch(b + kAhead * kTileColumns + kLanes);
    __builtin_prefetch(a + kAhead * Way::kTileRows);
    const Vector b0 = Load(b), b1 = Load(b + kLanes);
#pragma GCC unroll 14
    for (int i = 0; i < rows; i++) {
      acc[i][0] = Way::Add(acc[i][0], a + i, b0);
      acc[i][1] = Way::Add(acc[i][1], a + i, b1);
    }
  }
#pragma GCC unroll 14
  for (int i = 0; i < rows; i++) sum[i][0] = acc[i][0], sum[i][1] = acc[i][1];
}

template <typename Way, int rows = Way::kTileRows>
inline void AddProduct(int count, const float *a, const float *b, long words, Vector (&sum)[Way::kTileRows][2]) {
  if constexpr (rows > 1) {
    if (count < rows) return AddProduct<Way, rows - 1>(count, a, b, words, sum);
  }
  AddInRegisters<Way, rows>(a, b, words, sum);
}

#if defined(HYBRID_ECG_TILES)

/// The same for C of 32 by 32, held in tiles 0 to 3, or of 16 by 32 in 0 and 1; 4 and 5 are of A, 6 and 7 of B.
template <>
inline void AddProduct<Tiles>(int count, const float *a, const float *b, long words, Vector (&sum)[32][2]) {
  constexpr long kTile = 16 * 16;
  float *c = reinterpret_cast<float *>(sum), *lower = c + 16 * kTileColumns;
  const bool high = count > 16;
  for (int i = count; i < (high ? 32 : 16); i++) sum[i][0] = sum[i][1] = Vector{};
  TilesSeeMemory(c);
  LoadTile(0, c, kTileColumns);
  LoadTile(1, c + 16, kTileColumns);
  if (high) {
    LoadTile(2, lower, kTileColumns);
    LoadTile(3, lower + 16, kTileColumns);
    for (long word = 0; word < words; word += 16, a += 2 * kTile, b += 2 * kTile) {
      LoadTile(6, b, kTileColumns);
      LoadTile(7, b + 16, kTileColumns);
      LoadTile(4, a, 16);
      LoadTile(5, a + kTile, 16);
      MultiplyTiles(0, 4, 6);
      MultiplyTiles(1, 4, 7);
      MultiplyTiles(2, 5, 6);
      MultiplyTiles(3, 5, 7);
    }
    StoreTile(2, lower, kTileColumns);
    StoreTile(3, lower + 16, kTileColumns);
  } else {
    for (long word = 0; word < words; word += 16, a += 2 * kTile, b += 2 * kTile) {
      LoadTile(6, b, kTileColumns);
      LoadTile(7, b + 16, kTileColumns);
      LoadTile(4, a, 16);
      MultiplyTiles(0, 4, 6);
      MultiplyTiles(1, 4, 7);
    }
  }
  StoreTile(0, c, kTileColumns);
  StoreTile(1, c + 16, kTileColumns);
}

#endif

/// A product as it is: the last step of one that has nothing done to it.
struct AsItIs {
  Vector operator()(Vector x, long, long) const { return x; }
};

/// Reads, adds to and writes one tile of C, `rows` by `columns`; `finish(x, at, count)` gives what is written of x, where
/// `at` counts C's elements from the tile's first.
template <typename Way, typename Finish>
inline void AddTile(const float *a, const float *b, long words, float *c, long stride, long rows, long columns,
                    const float *bias, const float *residual, bool fresh, Finish finish) {
  Vector sum[Way::kTileRows][2];
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
  AddProduct<Way>(static_cast<int>(rows), a, b, words, sum);
  for (long i = 0; i < rows; i++) {
    for (int half = 0; half < 2; half++) {
      const long count = std::min<long>(std::max<long>(columns - half * kLanes, 0), kLanes);
      const long at = i * stride + half * kLanes;
      if (count > 0) Store(c + at, finish(sum[i][half], at, count), count);
    }
  }
}

/// C `[rows, columns]` = finish(start + A `[rows, depth]` B `[depth, columns]`); C and the residual are dense.
template <typename Way, typename Finish>
void MultiplyBy(ThreadPool &pool, Matrix a, Matrix b, long rows, long columns, long depth, float *c, Start start,
                Finish finish) {
  constexpr long tile_rows = Way::kTileRows, rows_at_once = kRowsAtOnce / tile_rows * tile_rows;
  const long words = WordsOf<Way>(depth);
  thread_local Workspace space_of_a, space_of_b;
  for (long n0 = 0; n0 < columns; n0 += kColumnsAtOnce) {
    const long n = std::min(kColumnsAtOnce, columns - n0), b_panels = DivideUp(n, kTileColumns);
    for (long word0 = 0; word0 < words || word0 == 0; word0 += kDepthAtOnce) {
      const long many = std::min(kDepthAtOnce, words - word0), k0 = word0 * Way::kFactors;
      const long k = std::min<long>(many * Way::kFactors, depth - k0);
      const long a_size = tile_rows * many + kLanes, b_size = kTileColumns * many + kLanes;
      for (long m0 = 0; m0 < rows; m0 += rows_at_once) {
        const long m = std::min(rows_at_once, rows - m0), a_panels = DivideUp(m, tile_rows);
        float *packed_a = space_of_a.Get(a_panels * a_size), *packed_b = space_of_b.Get(b_panels * b_size);
        const long lines_of_a = kPackedPanels * tile_rows, lines_of_b = kPackedPanels * kTileColumns;
        const long a_tasks = DivideUp(m, lines_of_a), b_tasks = m0 == 0 ? DivideUp(n, lines_of_b) : 0;
        pool.ForEach(a_tasks + b_tasks, [&](long task) {
          if (task < a_tasks) {
            const long i = task * lines_of_a;
            PackRows<Way>(a, m0 + i, std::min(lines_of_a, m - i), k0, k, packed_a + i / tile_rows * a_size, a_size);
          } else {
            const long j = (task - a_tasks) * lines_of_b;
            float *panels = packed_b + j / kTileColumns * b_size;
            PackColumns<Way>(b, n0 + j, std::min(lines_of_b, n - j), k0, k, panels, b_size);
          }
        });
        const long task_columns = DivideUp(b_panels, kTaskColumnPanels);
        const long enough = DivideUp(kTasksPerThread * pool.threads(), task_columns);
        const long row_panels = DivideUp(a_panels, std::max(DivideUp(a_panels, Way::kTaskRowPanels), enough));
        const long task_rows = DivideUp(a_panels, row_panels);
        const long blocks = std::max<long>(DivideUp(many, kDepth), 1);
        const long size = std::max<long>(DivideUp(DivideUp(many, blocks), Way::kWordMultiple) * Way::kWordMultiple, 1);
        pool.ForEach(task_rows * task_columns, [&](long task) {
          const typename Way::InUse in_use;
          const long first_a = task % task_rows * row_panels, first_b = task / task_rows * kTaskColumnPanels;
          const long last_a = std::min(first_a + row_panels, a_panels);
          const long last_b = std::min(first_b + kTaskColumnPanels, b_panels);
          for (long from = 0; from < many || from == 0; from += size) {
            const long block = std::min(size, many - from);
            for (long pb = first_b; pb < last_b; pb++) {
              const long j = n0 + pb * kTileColumns;
              for (long pa = first_a; pa < last_a; pa++) {
                const long i = m0 + pa * tile_rows, at = i * columns + j;
                const auto add = [&](auto last_step) {
                  AddTile<Way>(packed_a + pa * a_size + from * tile_rows, packed_b + pb * b_size + from * kTileColumns,
                               block, c + at, columns, std::min<long>(tile_rows, rows - i),
                               std::min<long>(kTileColumns, columns - j),
                               start.bias == nullptr ? nullptr : start.bias + j,
                               start.residual == nullptr ? nullptr : start.residual + at, word0 == 0 && from == 0,
                               last_step);
                };
                if (word0 + from + block < words) add(AsItIs{});
                else add([&](Vector x, long offset, long count) { return finish(x, at + offset, count); });
              }
            }
          }
        });
      }
    }
  }
}

/// Calls `work(way)` with the fastest way of multiplying in a precision that this processor has.
template <typename Work>
inline void InPrecision(Precision precision, Work work) {
  if (precision == Precision::kFloat32) return work(Float32{});
#if defined(HYBRID_ECG_TILES)
  if (TilesAreAllowed()) return work(Tiles{});
#endif
#if defined(HYBRID_ECG_PAIRS)
  if (PairsAreFast()) return work(Pairs{});
#endif
  work(Rounded{});
}

template <typename Finish = AsItIs>
void Multiply(ThreadPool &pool, Precision precision, Matrix a, Matrix b, long rows, long columns, long depth, float *c,
              Start start = {}, Finish finish = {}) {
  InPrecision(precision, [&](auto way) {
    MultiplyBy<decltype(way)>(pool, a, b, rows, columns, depth, c, start, finish);
  });
}

} // namespace hybrid_ecg
