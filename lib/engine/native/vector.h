// A processor's vector of floats, in the compiler's own vector types (GCC and clang): the width is the machine's.

#pragma once

#include <cstdint>
#include <cstring>
#include <utility>

#if defined(__AVX__)
#include <immintrin.h>
#endif

namespace hybrid_ecg {

#if defined(__AVX512F__) || defined(HYBRID_ECG_EMULATE_BFLOAT16) // the latter: see bfloat16.h
constexpr int kLanes = 16;
#elif defined(__AVX__)
constexpr int kLanes = 8;
#else
constexpr int kLanes = 4;
#endif

typedef float Vector __attribute__((vector_size(4 * kLanes)));
typedef int32_t IntVector __attribute__((vector_size(4 * kLanes)));
typedef uint32_t UnsignedVector __attribute__((vector_size(4 * kLanes)));

inline Vector Load(const float *from) {
  Vector x;
  std::memcpy(&x, from, sizeof x);
  return x;
}

inline void Store(float *to, Vector x) { std::memcpy(to, &x, sizeof x); }

/// The first `count` lanes, the others zero.
inline Vector Load(const float *from, long count) {
  if (count >= kLanes) return Load(from);
#if defined(__AVX512F__)
  return (Vector)_mm512_maskz_loadu_ps(static_cast<__mmask16>((1u << count) - 1), from);
#elif defined(__AVX__) && !defined(HYBRID_ECG_EMULATE_BFLOAT16)
  const IntVector lane = {0, 1, 2, 3, 4, 5, 6, 7};
  return (Vector)_mm256_maskload_ps(from, (__m256i)(lane < static_cast<int32_t>(count)));
#else
  Vector x = {};
  std::memcpy(&x, from, 4 * count);
  return x;
#endif
}

inline void Store(float *to, Vector x, long count) {
  if (count >= kLanes) return Store(to, x);
#if defined(__AVX512F__)
  _mm512_mask_storeu_ps(to, static_cast<__mmask16>((1u << count) - 1), (__m512)x);
#else
  std::memcpy(to, &x, 4 * count);
#endif
}

/// The first `count` lanes; the others become zero.
inline Vector Keep(Vector x, long count) {
  float lanes[kLanes];
  Store(lanes, x);
  return Load(lanes, count);
}

/// Calls `work(start, count)` for each vector of `size` elements; the last one may be short.
template <typename Work>
inline void ForEachVector(long size, Work work) {
  long i = 0;
  for (; i + kLanes <= size; i += kLanes) work(i, static_cast<long>(kLanes));
  if (i < size) work(i, size - i);
}

inline Vector Splat(float x) { return Vector{} + x; }

inline IntVector Bits(Vector x) {
  IntVector bits;
  std::memcpy(&bits, &x, sizeof bits);
  return bits;
}

inline Vector FromBits(IntVector bits) {
  Vector x;
  std::memcpy(&x, &bits, sizeof x);
  return x;
}

inline Vector Max(Vector x, Vector y) { return x > y ? x : y; }
inline Vector Min(Vector x, Vector y) { return x < y ? x : y; }
inline Vector Abs(Vector x) { return FromBits(Bits(x) & 0x7fffffff); }

inline float Sum(Vector x) {
  float lanes[kLanes];
  Store(lanes, x);
  for (int width = kLanes / 2; width > 0; width /= 2) {
    for (int i = 0; i < width; i++) lanes[i] += lanes[i + width];
  }
  return lanes[0];
}

inline Vector SquareRoot(Vector x) {
  for (int i = 0; i < kLanes; i++) x[i] = __builtin_sqrtf(x[i]); // compiles to one instruction
  return x;
}

/// exp(x) to two units in the last place: 2^n times a Taylor polynomial on [-ln 2 / 2, ln 2 / 2]. 0 below -87, NaN of NaN.
inline Vector Exp(Vector x) {
  const Vector clamped = Max(Min(x, Splat(88.0f)), Splat(-87.0f));
  const Vector magic = Splat(12582912.0f); // 1.5 * 2^23: adding it rounds to a whole number
  const Vector shifted = clamped * 1.44269504f + magic;
  const Vector n = shifted - magic;
  const Vector r = clamped - n * 0.693359375f + n * 2.12194440e-4f; // ln 2 in two parts
  Vector p = Splat(1.0f / 5040);
  p = p * r + 1.0f / 720;
  p = p * r + 1.0f / 120;
  p = p * r + 1.0f / 24;
  p = p * r + 1.0f / 6;
  p = p * r + 0.5f;
  p = p * r + 1.0f;
  p = p * r + 1.0f;
  const IntVector exponent = (Bits(shifted) - 0x4b400000) << 23;
  const Vector power = x < -87.0f ? Vector{} : FromBits(Bits(p) + exponent);
  return x == x ? power : x; // the minimum above took NaN for 88
}

/// Rounded to the nearest bfloat16, ties to even; stays a float.
inline Vector RoundToBfloat16(Vector x) {
  const IntVector bits = Bits(x);
  return FromBits((bits + 0x7fff + ((bits >> 16) & 1)) & static_cast<int32_t>(0xffff0000));
}

/// Lanes of `a` and `b` by number, those of `b` from `kLanes` on.
template <int... kLane>
inline Vector Shuffle(Vector a, Vector b) {
#if defined(__clang__) || __GNUC__ >= 12
  return __builtin_shufflevector(a, b, kLane...);
#else
  return __builtin_shuffle(a, b, IntVector{kLane...});
#endif
}

namespace transpose {

template <int kDistance, bool kUpper, int... kLane>
inline Vector Mix(Vector a, Vector b, std::integer_sequence<int, kLane...>) {
  // Where the lane's bit `distance` is clear, a's lane of the lower or upper half of its group; else b's.
  return Shuffle<((kLane & kDistance) == 0 ? kLane + (kUpper ? kDistance : 0)
                                           : kLanes + kLane - (kUpper ? 0 : kDistance))...>(a, b);
}

template <int kDistance>
inline void Stage(Vector *rows) {
  using Lanes = std::make_integer_sequence<int, kLanes>;
  for (int i = 0; i < kLanes; i++) {
    if (i & kDistance) continue;
    const Vector a = rows[i], b = rows[i + kDistance];
    rows[i] = Mix<kDistance, false>(a, b, Lanes{});
    rows[i + kDistance] = Mix<kDistance, true>(a, b, Lanes{});
  }
  if constexpr (kDistance > 1) Stage<kDistance / 2>(rows);
}

} // namespace transpose

/// Transposes a square of `kLanes` vectors in place.
inline void Transpose(Vector *rows) { transpose::Stage<kLanes / 2>(rows); }

} // namespace hybrid_ecg
