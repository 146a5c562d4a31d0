// Words of two bfloat16 numbers, and the instructions that multiply them: AVX512-BF16 and AMX-BF16.
//
// Both instructions multiply exactly, round each sum to the nearest float, ties to even, and take numbers below 2^-126
// for zero. In which order the two products of a word are added is theirs; it shows in the last bits of a sum only.
//
// HYBRID_ECG_EMULATE_BFLOAT16 puts plain C++ in the place of both, and of vectors of 16 floats: the code around them then
// runs on any processor. Tests are built so; nothing else is.

#pragma once

#include "vector.h"

#if defined(HYBRID_ECG_EMULATE_BFLOAT16)
#define HYBRID_ECG_PAIRS 1
#define HYBRID_ECG_TILES 1
#else
#if defined(__AVX512BF16__)
#define HYBRID_ECG_PAIRS 1
#endif
#if defined(__AVX512F__) && defined(__AMX_BF16__) && defined(__linux__)
#define HYBRID_ECG_TILES 1
#endif
#if defined(HYBRID_ECG_PAIRS) || defined(HYBRID_ECG_TILES)
#include <immintrin.h>
#endif
#if defined(HYBRID_ECG_TILES)
#include <sys/syscall.h>
#include <unistd.h>
#endif
#endif

namespace hybrid_ecg {

/// Words whose lower halves are `even` and whose upper halves are `odd`, each rounded to bfloat16.
inline Vector Pair(Vector even, Vector odd) {
  const IntVector upper = Bits(RoundToBfloat16(odd));
  const UnsignedVector lower = (UnsignedVector)Bits(RoundToBfloat16(even)) >> 16;
  return FromBits(upper | (IntVector)lower);
}

namespace neighbours {

template <int kOffset, int... kLane>
inline Vector EverySecond(Vector low, Vector high, std::integer_sequence<int, kLane...>) {
  return Shuffle<(2 * kLane + kOffset)...>(low, high);
}

} // namespace neighbours

/// Words of neighbours: low[0] and low[1], low[2] and low[3], ..., high[last - 1] and high[last].
inline Vector PairNeighbours(Vector low, Vector high) {
  using Lanes = std::make_integer_sequence<int, kLanes>;
  return Pair(neighbours::EverySecond<0>(low, high, Lanes{}), neighbours::EverySecond<1>(low, high, Lanes{}));
}

#if defined(HYBRID_ECG_EMULATE_BFLOAT16)

namespace emulated {

inline Vector WithoutTiny(Vector x) { return Abs(x) < 0x1p-126f ? x * 0.0f : x; }
inline Vector Upper(Vector words) { return WithoutTiny(FromBits(Bits(words) & static_cast<int32_t>(0xffff0000))); }
inline Vector Lower(Vector words) { return WithoutTiny(FromBits(Bits(words) << 16)); }

inline thread_local Vector tiles[8][16];

} // namespace emulated

/// sum + a[0] b[0] + a[1] b[1] for the words of each lane: VDPBF16PS, as Intel's manual defines it. The products are exact
/// in float32, so that each sum rounds once.
__attribute__((noinline)) inline Vector AddPairs(Vector sum, Vector a, Vector b) {
  using namespace emulated;
  const Vector first = WithoutTiny(WithoutTiny(sum) + Upper(a) * Upper(b));
  return WithoutTiny(first + Lower(a) * Lower(b));
}

inline bool PairsAreFast() { return true; }
inline bool TilesAreAllowed() { return true; }

/// While it lives, the thread can use its eight tiles of 16 rows by 16 words.
struct TilesInUse {
  TilesInUse() { std::memset(emulated::tiles, 0, sizeof emulated::tiles); }
};

/// A tile, its rows `stride` floats apart in memory.
inline void LoadTile(int tile, const float *from, long stride) {
  for (int i = 0; i < 16; i++) emulated::tiles[tile][i] = Load(from + i * stride);
}

inline void StoreTile(int tile, float *to, long stride) {
  for (int i = 0; i < 16; i++) Store(to + i * stride, emulated::tiles[tile][i]);
}

/// sum `[row, column]` += a `[row, word]` b `[word, column]`: TDPBF16PS
inline void MultiplyTiles(int sum, int a, int b) {
  for (int row = 0; row < 16; row++) {
    Vector total = emulated::tiles[sum][row];
    for (int word = 0; word < 16; word++) {
      const int32_t bits = Bits(emulated::tiles[a][row])[word];
      total = AddPairs(total, FromBits(IntVector{} + bits), emulated::tiles[b][word]);
    }
    emulated::tiles[sum][row] = total;
  }
}

inline void TilesSeeMemory(const float *) {}

#else

#if defined(HYBRID_ECG_PAIRS)

/// sum + a[0] b[0] + a[1] b[1] for the words of each lane.
inline Vector AddPairs(Vector sum, Vector a, Vector b) {
  return (Vector)_mm512_dpbf16_ps((__m512)sum, (__m512bh)a, (__m512bh)b);
}

/// AMD's processors (from Zen 4 on) and Intel's Cooper Lake issue VDPBF16PS as often as a multiplication of floats. Intel's
/// from Sapphire Rapids on, told by AVX512-FP16, issue it a quarter as often, and have tiles instead. In GFLOP/s of a core,
/// as https://github.com/pigirons/cpufp collects them: Zen 4 325 with it and 164 in float32, Zen 5 707 and 353, Sapphire
/// Rapids 115 and 230, and 3,787 with tiles.
inline bool PairsAreFast() {
#if defined(__AVX512FP16__)
  return !__builtin_cpu_is("intel");
#else
  return true;
#endif
}

#endif

#if defined(HYBRID_ECG_TILES)

/// Asks Linux, once a process, for the right to use tiles.
inline bool TilesAreAllowed() {
  constexpr long kRequestPermission = 0x1023, kTileData = 18; // ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA
  static const bool allowed = syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
  return allowed;
}

/// While it lives, the thread can use its eight tiles of 16 rows by 16 words.
struct TilesInUse {
  TilesInUse() {
    alignas(64) static constexpr struct {
      uint8_t palette = 1, start_row = 0, reserved[14] = {};
      uint16_t row_bytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
      uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
    } kShape;
    _tile_loadconfig(&kShape);
  }
  ~TilesInUse() { _tile_release(); }
};

// Macros, since GCC makes the tile's name of the argument's letters. A tile's rows are `stride` floats apart in memory.
#define LoadTile(tile, from, stride) _tile_loadd(tile, from, 4 * (stride))
#define StoreTile(tile, to, stride) _tile_stored(tile, to, 4 * (stride))
#define MultiplyTiles(sum, a, b) _tile_dpbf16ps(sum, a, b)

/// GCC does not know that loading a tile reads memory: what was written to it before must be there.
inline void TilesSeeMemory(const float *memory) { asm volatile("" : : "r"(memory) : "memory"); }

#endif

#endif

} // namespace hybrid_ecg
