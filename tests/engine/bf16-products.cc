// The products of lib/engine/native in every way of multiplying, against sums in float64 of the same rounded factors.
//
// Prints one line a product: the way, the case, and the worst error over C's elements, each relative to the sum of the
// magnitudes of its terms. bf16-products.test.ts compiles it with HYBRID_ECG_EMULATE_BFLOAT16 and runs it; for processors
// that multiply in bfloat16 it only compiles it.

#include <cstdio>
#include <limits>
#include <string>
#include <vector>

#include "attention.h"
#include "matrix-product.h"

namespace hybrid_ecg {
namespace {

constexpr float kNoNumber = std::numeric_limits<float>::quiet_NaN();

/// Bell-shaped numbers of a small generator (xorshift32).
class Noise {
public:
  explicit Noise(uint32_t seed) : state_(seed * 2654435761u + 1) {}

  float Next() {
    float sum = 0;
    for (int i = 0; i < 4; i++) sum += Uniform() - 0.5f;
    return sum;
  }

private:
  float Uniform() {
    state_ ^= state_ << 13, state_ ^= state_ >> 17, state_ ^= state_ << 5;
    return static_cast<float>(state_ >> 8) / (1 << 24);
  }

  uint32_t state_;
};

/// A matrix with a gap after each line, no numbers in the gaps and around; so what must not be read spoils the result.
class Framed {
public:
  Framed(long rows, long columns, bool transposed, uint32_t seed)
      : line_((transposed ? rows : columns) + 3), transposed_(transposed),
        memory_((transposed ? columns : rows) * line_ + 2 * kFrame, kNoNumber) {
    Noise noise(seed);
    for (long i = 0; i < rows; i++) {
      for (long j = 0; j < columns; j++) memory_[kFrame + At(i, j)] = noise.Next();
    }
  }

  Matrix Get() const {
    const float *data = memory_.data() + kFrame;
    return transposed_ ? Matrix{data, 1, line_} : Matrix{data, line_, 1};
  }
  float operator()(long i, long j) const { return memory_[kFrame + At(i, j)]; }

private:
  static constexpr long kFrame = 64;
  long At(long i, long j) const { return transposed_ ? j * line_ + i : i * line_ + j; }

  long line_;
  bool transposed_;
  std::vector<float> memory_;
};

template <typename Way>
float Factor(float x) {
  if constexpr (std::is_same_v<Way, Float32>) return x;
  else return RoundToBfloat16(Splat(x))[0];
}

struct Shape {
  long rows, columns, depth;
};

// Whole tiles and single elements; odd depths; several blocks, pieces and tasks of each kind, the last one cut.
const Shape kShapes[] = {{1, 1, 1},      {14, 32, 2},    {15, 33, 3},   {7, 5, 31},      {29, 65, 64},   {32, 32, 32},
                         {33, 17, 33},   {43, 64, 43},   {48, 96, 97},  {100, 70, 129},  {31, 40, 1057}, {20, 40, 4131},
                         {700, 300, 20}, {3, 4200, 9},   {2100, 34, 5}, {17, 31, 2048}};

template <typename Way>
void CheckProducts(const char *way) {
  ThreadPool &one = *new ThreadPool(1), &two = *new ThreadPool(2); // threads outlive them, as in the add-on
  for (const Shape &shape : kShapes) {
    const auto [rows, columns, depth] = shape;
    for (int layout = 0; layout < 4; layout++) {
      const Framed a(rows, depth, layout & 1, 1), b(depth, columns, layout & 2, 2);
      const Framed bias(1, columns, false, 3);
      std::vector<float> residual(rows * columns), c(rows * columns + 64, kNoNumber), small = c, again = c;
      Noise noise(4);
      for (float &x : residual) x = noise.Next();
      const auto twice = [](Vector x, long, long) { return x + x; };
      const Start start = {bias.Get().data, residual.data()};
      MultiplyBy<Way>(one, a.Get(), b.Get(), rows, columns, depth, c.data(), start, twice);
      if (rows == 700) MultiplyBy<Way>(two, a.Get(), b.Get(), rows, columns, depth, again.data(), start, twice);
      {
        const typename Way::InUse in_use;
        MultiplySmall<Way>(a.Get(), b.Get(), rows, columns, depth, small.data(), columns);
      }
      std::vector<float> x(rows * depth), y(columns * depth);
      for (long i = 0; i < rows; i++) {
        for (long k = 0; k < depth; k++) x[i * depth + k] = Factor<Way>(a(i, k));
      }
      for (long j = 0; j < columns; j++) {
        for (long k = 0; k < depth; k++) y[j * depth + k] = Factor<Way>(b(k, j));
      }
      double worst = 0, worst_small = 0;
      for (long i = 0; i < rows; i++) {
        for (long j = 0; j < columns; j++) {
          double sum = 0, size = 0;
          for (long k = 0; k < depth; k++) {
            const double term = static_cast<double>(x[i * depth + k]) * y[j * depth + k];
            sum += term;
            size += std::fabs(term);
          }
          const double added = static_cast<double>(bias(0, j)) + residual[i * columns + j];
          const double error = std::fabs(c[i * columns + j] - 2 * (sum + added)) / (2 * (size + std::fabs(added)));
          const double error_small = std::fabs(small[i * columns + j] - sum) / size;
          if (!(error <= worst)) worst = error; // so that what is no number counts as worst
          if (!(error_small <= worst_small)) worst_small = error_small;
        }
      }
      bool same = true, inside = true;
      for (long i = 0; i < rows * columns; i++) same = same && (rows != 700 || c[i] == again[i]);
      for (long i = rows * columns; i < rows * columns + 64; i++) inside = inside && c[i] != c[i] && small[i] != small[i];
      const std::string name = std::to_string(rows) + "x" + std::to_string(depth) + (layout & 1 ? "T" : "") + "*" +
                               std::to_string(depth) + "x" + std::to_string(columns) + (layout & 2 ? "T" : "");
      std::printf("%s %s %.3g\n", way, name.c_str(), same && inside ? worst : kNoNumber);
      std::printf("%s small %s %.3g\n", way, name.c_str(), worst_small);
    }
  }
}

/// Attention and its gradient, against those in float32 of factors that are rounded.
template <typename Way>
void CheckAttention(const char *way) {
  ThreadPool &pool = *new ThreadPool(1);
  for (const AttentionShape shape : {AttentionShape{2, 43, 2, 64}, {3, 17, 3, 10}, {1, 1, 1, 4}, {2, 42, 1, 32}}) {
    const long rows = shape.samples * shape.tokens, dim = shape.dim();
    std::vector<float> qkv(rows * 3 * dim), dout(rows * dim);
    Noise noise(5);
    for (float &x : qkv) x = 2 * noise.Next();
    for (float &x : dout) x = noise.Next();
    const auto compute = [&](auto other) {
      std::vector<float> out(rows * dim), weights(shape.samples * shape.heads * shape.tokens * shape.tokens);
      std::vector<float> dqkv(rows * 3 * dim);
      Attention<decltype(other)>(pool, qkv.data(), shape, out.data(), weights.data());
      AttentionGradient<decltype(other)>(pool, dout.data(), qkv.data(), weights.data(), shape, dqkv.data());
      out.insert(out.end(), dqkv.begin(), dqkv.end());
      return out;
    };
    const std::vector<float> ours = compute(Way{}), rounded = compute(Rounded{});
    double difference = 0, size = 0;
    for (size_t i = 0; i < ours.size(); i++) {
      difference += std::fabs(ours[i] - rounded[i]);
      size += std::fabs(rounded[i]);
    }
    std::printf("%s attention %ldx%ldx%ldx%ld %.3g\n", way, shape.samples, shape.tokens, shape.heads, shape.head_dim,
                difference / size);
  }
}

} // namespace
} // namespace hybrid_ecg

int main() {
  using namespace hybrid_ecg;
  CheckProducts<Float32>("float32");
  CheckProducts<Rounded>("rounded");
#if defined(HYBRID_ECG_PAIRS)
  CheckProducts<Pairs>("pairs");
  CheckAttention<Pairs>("pairs");
#endif
#if defined(HYBRID_ECG_TILES)
  if (!TilesAreAllowed()) return 0;
  CheckProducts<Tiles>("tiles");
  CheckAttention<Tiles>("tiles");
#endif
}
