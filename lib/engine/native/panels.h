// The copies of factors that the innermost loops read in order, and what a word of them holds in each way of multiplying.

#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <type_traits>

#include "bfloat16.h"
#include "vector.h"

namespace hybrid_ecg {

#if defined(__AVX512F__) || defined(HYBRID_ECG_EMULATE_BFLOAT16)
constexpr int kVectorTileRows = 14; // 28 accumulators and two vectors of B, of 32 registers
#else
constexpr int kVectorTileRows = 6; // 12 and 2 of 16
#endif
constexpr int kTileColumns = 2 * kLanes;

/// A matrix in memory: element (i, j) lies at i * row + j * column; one of the strides is 1.
struct Matrix {
  const float *data;
  long row, column;
};

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

/// Nothing to hold while tiles of C are added up.
struct NothingInUse {
  NothingInUse() {} // not trivial, so that a variable of it counts as used
};

/// A way of multiplying: float32 throughout. A panel is an array of words of 32 bits, here one factor each.
struct Float32 {
  static constexpr int kTileRows = kVectorTileRows;
  static constexpr int kFactors = 1;         // of a word
  static constexpr int kWordMultiple = 1;    // lines are filled up to it with zeros
  static constexpr bool kRowsByLine = false; // whether panels of A hold 16 words of a line side by side
  static constexpr long kTaskRowPanels = 20; // at most: as many as stay in the second cache beside one of B
  using InUse = NothingInUse;

  static Vector Round(Vector x) { return x; }
  static Vector Add(Vector sum, const float *a, Vector b) { return sum + *a * b; }
};

/// Factors rounded to bfloat16, multiplied in float32: what any processor can do, as fast as float32.
struct Rounded : Float32 {
  static Vector Round(Vector x) { return RoundToBfloat16(x); }
};

#if defined(HYBRID_ECG_PAIRS)

/// Words of two bfloat16 factors, neighbours in depth, multiplied at once by VDPBF16PS.
struct Pairs : Float32 {
  static constexpr int kFactors = 2;

  static Vector Add(Vector sum, const float *a, Vector b) {
    int32_t word;
    std::memcpy(&word, a, sizeof word);
    return AddPairs(sum, FromBits(IntVector{} + word), b);
  }
};

#endif

#if defined(HYBRID_ECG_TILES)

/// The same words, multiplied in two by two tiles of AMX.
struct Tiles : Float32 {
  static constexpr int kTileRows = 32;
  static constexpr int kFactors = 2;
  static constexpr int kWordMultiple = 16;
  static constexpr bool kRowsByLine = true;
  static constexpr long kTaskRowPanels = 8;
  using InUse = TilesInUse;
};

#endif

/// Words at one depth of `lines` lines that are neighbours in memory; `left` factors of each are left.
template <typename Way>
inline Vector WordsAcross(const float *from, long depth_stride, long lines, long left) {
  if (lines <= 0 || left <= 0) return Vector{};
  if constexpr (Way::kFactors == 1) return Way::Round(Load(from, lines));
  else return Pair(Load(from, lines), left > 1 ? Load(from + depth_stride, lines) : Vector{});
}

/// Words of a line whose `left` elements are neighbours in memory.
template <typename Way>
inline Vector WordsAlong(const float *from, long left) {
  if (left <= 0) return Vector{};
  if constexpr (Way::kFactors == 1) return Way::Round(Load(from, left));
  else return PairNeighbours(Load(from, left), left > kLanes ? Load(from + kLanes, left - kLanes) : Vector{});
}

/// Words in a line of `depth` factors.
template <typename Way>
constexpr long WordsOf(long depth) {
  constexpr long factors = Way::kFactors * Way::kWordMultiple;
  return (depth + factors - 1) / factors * Way::kWordMultiple;
}

/// Copies `lines` lines that are neighbours in memory, element (line, k) at line + k * depth_stride, to panels of
/// `width` lines: line l of a panel to panel[word * width + l], missing factors as zero, the next panel `size` floats
/// further. A panel needs kLanes floats of slack at its end.
template <typename Way, int width>
void PackAcross(const float *from, long depth_stride, long lines, long depth, float *panels, long size) {
  constexpr long factors = Way::kFactors, ahead = 16, cache_line = 16;
  const long words = WordsOf<Way>(depth);
  for (long word = 0; word < words; word++) { // all panels of a word at once: a cache line is read once
    const float *at = from + word * factors * depth_stride;
    const long left = depth - word * factors;
    if (left > ahead * factors) { // the rows lie too far apart for the processor to see them come
      const float *coming = at + ahead * factors * depth_stride;
      for (long line = 0; line < lines; line += cache_line) __builtin_prefetch(coming + line);
    }
    const auto copy = [&](float *to, long line, auto count) {
      for (int i = 0; i < width; i += kLanes) { // what spills over is written over next
        Store(to + i, WordsAcross<Way>(at + line + i, depth_stride, count - i, left));
      }
    };
    float *to = panels + word * width;
    long line = 0;
    for (; line + width <= lines; line += width, to += size) copy(to, line, std::integral_constant<long, width>{});
    if (line < lines) copy(to, line, lines - line);
  }
}

/// Copies `count` <= width lines of `depth` neighbours in memory each, the first at `from`, to panel[word * width +
/// line]; missing lines and factors become zero. The panel needs kLanes floats of slack at its end.
template <typename Way, int width>
void PackAlong(const float *from, long line_stride, long count, long depth, float *panel) {
  constexpr long factors = Way::kFactors;
  const long words = WordsOf<Way>(depth);
  for (long word = 0; word < words; word += kLanes) {
    const int many = static_cast<int>(std::min<long>(kLanes, words - word));
    for (int first = 0; first < width; first += kLanes) {
      Vector square[kLanes];
      for (int i = 0; i < kLanes; i++) {
        const float *at = from + (first + i) * line_stride + word * factors;
        square[i] = first + i < count ? WordsAlong<Way>(at, depth - word * factors) : Vector{};
      }
      Transpose(square);
      for (int i = 0; i < many; i++) {
        float *to = panel + (word + i) * width + first;
        if (width < kLanes) Store(to, square[i]); // what spills over is written over next
        else Store(to, square[i], std::min<int>(kLanes, width - first));
      }
    }
  }
}

/// The same lines by groups of kLanes words: panel[group * kLanes * width + line * kLanes + word in group], as tiles of A
/// take them.
template <typename Way, int width>
void PackPanelByLine(const float *from, long line_stride, long depth_stride, long count, long depth, float *panel) {
  static_assert(width % kLanes == 0 && Way::kWordMultiple % kLanes == 0, "whole squares");
  constexpr long factors = Way::kFactors;
  const long words = WordsOf<Way>(depth);
  for (long word = 0; word < words; word += kLanes) {
    const long left = depth - word * factors;
    for (int first = 0; first < width; first += kLanes, panel += kLanes * kLanes) {
      const float *at = from + first * line_stride + word * factors * depth_stride;
      Vector square[kLanes];
      for (int i = 0; i < kLanes; i++) {
        if (line_stride == 1) {
          const float *across = at + i * factors * depth_stride;
          square[i] = WordsAcross<Way>(across, depth_stride, count - first, left - i * factors);
        } else {
          square[i] = first + i < count ? WordsAlong<Way>(at + i * line_stride, left) : Vector{};
        }
      }
      if (line_stride == 1) Transpose(square);
      for (int i = 0; i < kLanes; i++) Store(panel + i * kLanes, square[i]);
    }
  }
}

/// Panels of A, as many rows each as a tile has: `lines` rows from row i on, each panel `size` floats after the last.
template <typename Way>
inline void PackRows(const Matrix &a, long i, long lines, long k, long depth, float *panel, long size) {
  constexpr long height = Way::kTileRows;
  const float *from = a.data + i * a.row + k * a.column;
  if constexpr (!Way::kRowsByLine) {
    if (a.row == 1) return PackAcross<Way, height>(from, a.column, lines, depth, panel, size);
  }
  for (; lines > 0; lines -= height, from += height * a.row, panel += size) {
    const long count = std::min(height, lines);
    if constexpr (Way::kRowsByLine) PackPanelByLine<Way, height>(from, a.row, a.column, count, depth, panel);
    else PackAlong<Way, height>(from, a.row, count, depth, panel);
  }
}

/// Panels of B: `lines` columns from column j on.
template <typename Way>
inline void PackColumns(const Matrix &b, long j, long lines, long k, long depth, float *panel, long size) {
  const float *from = b.data + j * b.column + k * b.row;
  if (b.column == 1) return PackAcross<Way, kTileColumns>(from, b.row, lines, depth, panel, size);
  for (; lines > 0; lines -= kTileColumns, from += kTileColumns * b.column, panel += size) {
    PackAlong<Way, kTileColumns>(from, b.column, std::min<long>(kTileColumns, lines), depth, panel);
  }
}

} // namespace hybrid_ecg
