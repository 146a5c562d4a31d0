// The kit's own TensorFlow operations, registered through TensorFlow's C API when Node loads this add-on.
//
// Each does in a few passes over memory what a dozen of TensorFlow's operations do, forward or backward; their
// TypeScript side is in lib/engine. All tensors are float32, dense, in host memory.

#if defined(__linux__)
#include <malloc.h>
#endif
#include <node_api.h>

#include <cstdlib>
#include <limits>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

#include "absolute-error.h"
#include "adamw.h"
#include "attention.h"
#include "batch-norm.h"
#include "gelu.h"
#include "layer-norm.h"
#include "linear.h"
#include "operation.h"

namespace hybrid_ecg {
namespace {

/// As many threads as TensorFlow was told to use. Never destroyed: its threads outlive every static destructor.
ThreadPool &Pool() {
  static ThreadPool *pool = [] {
    const char *threads = std::getenv("TF_NUM_INTRAOP_THREADS");
    return new ThreadPool(std::max(1, threads != nullptr ? std::atoi(threads) : 1));
  }();
  return *pool;
}

/// x `[row, in]`, weight `[out, in]`, bias `[out]` -> y
void LinearOp(const Attributes &attributes, Call &call) {
  const LinearShape shape = {call.Dim(0, 0), call.Dim(0, 1), call.Dim(1, 0)};
  call.ExpectAll(1, {{shape.out, shape.in}, {shape.out}});
  Linear(Pool(), attributes.precision, shape, call.Input(0), call.Input(1), call.Input(2), nullptr,
         call.Output(0, {shape.rows, shape.out}));
}

/// dy, x, weight, bias -> dx, dweight, dbias; without `input_gradient` dx is empty.
void LinearGradientOp(const Attributes &attributes, Call &call) {
  const LinearShape shape = {call.Dim(0, 0), call.Dim(1, 1), call.Dim(0, 1)};
  call.ExpectAll(1, {{shape.rows, shape.in}, {shape.out, shape.in}, {shape.out}});
  float *dx = call.Output(0, {attributes.input_gradient ? shape.rows : 0, shape.in});
  LinearGradient(Pool(), attributes.precision, shape, call.Input(0), call.Input(1), call.Input(2),
                 attributes.input_gradient ? dx : nullptr, call.Output(1, {shape.out, shape.in}),
                 call.Output(2, {shape.out}));
}

/// x `[row, dim]`, gain `[dim]`, bias `[dim]` -> y, mean `[row]`, reciprocal deviation `[row]`
void LayerNormOp(const Attributes &, Call &call) {
  const long rows = call.Dim(0, 0), dim = call.Dim(0, 1);
  call.ExpectAll(1, {{dim}, {dim}});
  LayerNorm(Pool(), call.Input(0), call.Input(1), call.Input(2), rows, dim, call.Output(0, {rows, dim}),
            call.Output(1, {rows}), call.Output(2, {rows}));
}

/// dy, x, gain, bias, mean, reciprocal deviation -> dx, dgain, dbias
void LayerNormGradientOp(const Attributes &, Call &call) {
  const long rows = call.Dim(0, 0), dim = call.Dim(0, 1);
  call.ExpectAll(1, {{rows, dim}, {dim}, {dim}, {rows}, {rows}});
  LayerNormGradient(Pool(), call.Input(0), call.Input(1), call.Input(2), call.Input(4), call.Input(5), nullptr, rows,
                    dim, call.Output(0, {rows, dim}), call.Output(1, {dim}), call.Output(2, {dim}));
}

/// x `[row, channel]`, gain, bias `[channel]` -> y, mean `[channel]`, biased variance `[channel]`
void BatchNormOp(const Attributes &, Call &call) {
  const long rows = call.Dim(0, 0), dim = call.Dim(0, 1);
  call.ExpectAll(1, {{dim}, {dim}});
  BatchNorm(Pool(), call.Input(0), call.Input(1), call.Input(2), rows, dim, call.Output(0, {rows, dim}),
            call.Output(1, {dim}), call.Output(2, {dim}));
}

/// dy, x, gain, bias, mean, biased variance -> dx, dgain, dbias
void BatchNormGradientOp(const Attributes &, Call &call) {
  const long rows = call.Dim(0, 0), dim = call.Dim(0, 1);
  call.ExpectAll(1, {{rows, dim}, {dim}, {dim}, {dim}, {dim}});
  BatchNormGradient(Pool(), call.Input(0), call.Input(1), call.Input(2), call.Input(4), call.Input(5), rows, dim,
                    call.Output(0, {rows, dim}), call.Output(1, {dim}), call.Output(2, {dim}));
}

AttentionShape ShapeOfAttention(const Attributes &attributes, long rows, long dim) {
  const long samples = attributes.samples, heads = attributes.heads;
  if (samples < 1 || rows % samples != 0 || heads < 1 || dim % heads != 0) {
    throw std::invalid_argument("rows and columns do not divide into samples and heads");
  }
  return {samples, rows / samples, heads, dim / heads};
}

/// x `[row = sample * token, dim]`, gain, bias `[dim]`, weight `[3 * dim, dim]` and bias of queries, keys and values,
/// weight `[dim, dim]` and bias of the projection -> x + projection, normal `[row, dim]`, mean, reciprocal deviation
/// `[row]`, qkv `[row, 3 * dim]`, shares `[sample, head, token, token]`, mixed `[row, dim]`
void AttentionLayerOp(const Attributes &attributes, Call &call) {
  const long rows = call.Dim(0, 0), dim = call.Dim(0, 1);
  call.ExpectAll(1, {{dim}, {dim}, {3 * dim, dim}, {3 * dim}, {dim, dim}, {dim}});
  const AttentionShape shape = ShapeOfAttention(attributes, rows, dim);
  const Precision precision = attributes.precision;
  const float *x = call.Input(0), *gain = call.Input(1), *bias = call.Input(2);
  const float *qkv_weight = call.Input(3), *qkv_bias = call.Input(4);
  const float *proj_weight = call.Input(5), *proj_bias = call.Input(6);
  float *y = call.Output(0, {rows, dim}), *normal = call.Output(1, {rows, dim});
  float *mean = call.Output(2, {rows}), *reciprocal = call.Output(3, {rows});
  float *qkv = call.Output(4, {rows, 3 * dim}), *mixed = call.Output(6, {rows, dim});
  float *shares = call.Output(5, {shape.samples, shape.heads, shape.tokens, shape.tokens});
  LayerNorm(Pool(), x, gain, bias, rows, dim, normal, mean, reciprocal);
  Linear(Pool(), precision, {rows, dim, 3 * dim}, normal, qkv_weight, qkv_bias, nullptr, qkv);
  InPrecision(precision, [&](auto way) { Attention<decltype(way)>(Pool(), qkv, shape, mixed, shares); });
  Linear(Pool(), precision, {rows, dim, dim}, mixed, proj_weight, proj_bias, x, y);
}

/// dy, the layer's inputs, what it gave beside y -> the gradients of its inputs
void AttentionLayerGradientOp(const Attributes &attributes, Call &call) {
  const long rows = call.Dim(0, 0), dim = call.Dim(0, 1);
  const AttentionShape shape = ShapeOfAttention(attributes, rows, dim);
  const long tokens = shape.tokens;
  call.ExpectAll(1, {{rows, dim}, {dim}, {dim}, {3 * dim, dim}, {3 * dim}, {dim, dim}, {dim}});
  call.ExpectAll(8, {{rows, dim}, {rows}, {rows}, {rows, 3 * dim}, {shape.samples, shape.heads, tokens, tokens}});
  call.Expect(13, {rows, dim});
  const Precision precision = attributes.precision;
  const float *dy = call.Input(0), *x = call.Input(1), *gain = call.Input(2);
  const float *qkv_weight = call.Input(4), *proj_weight = call.Input(6);
  const float *normal = call.Input(8), *mean = call.Input(9), *reciprocal = call.Input(10);
  const float *qkv = call.Input(11), *shares = call.Input(12), *mixed = call.Input(13);
  float *dx = call.Output(0, {rows, dim}), *dgain = call.Output(1, {dim}), *dbias = call.Output(2, {dim});
  float *dqkv_weight = call.Output(3, {3 * dim, dim}), *dqkv_bias = call.Output(4, {3 * dim});
  float *dproj_weight = call.Output(5, {dim, dim}), *dproj_bias = call.Output(6, {dim});
  float *dmixed = dx, *dnormal = dx; // one after the other in the same memory
  Workspace space;
  float *dqkv = space.Get(rows * 3 * dim);
  LinearGradient(Pool(), precision, {rows, dim, dim}, dy, mixed, proj_weight, dmixed, dproj_weight, dproj_bias);
  InPrecision(precision, [&](auto way) { AttentionGradient<decltype(way)>(Pool(), dmixed, qkv, shares, shape, dqkv); });
  LinearGradient(Pool(), precision, {rows, dim, 3 * dim}, dqkv, normal, qkv_weight, dnormal, dqkv_weight, dqkv_bias);
  LayerNormGradient(Pool(), dnormal, x, gain, mean, reciprocal, dy, rows, dim, dx, dgain, dbias);
}

/// x `[row, dim]`, gain, bias `[dim]`, weight `[hidden, dim]` and bias of the first map, weight `[dim, hidden]` and bias
/// of the second -> x + the second, normal `[row, dim]`, mean, reciprocal deviation `[row]`, the first before and after
/// GELU `[row, hidden]`
void MlpLayerOp(const Attributes &attributes, Call &call) {
  const long rows = call.Dim(0, 0), dim = call.Dim(0, 1), hidden = call.Dim(3, 0);
  call.ExpectAll(1, {{dim}, {dim}, {hidden, dim}, {hidden}, {dim, hidden}, {dim}});
  const Precision precision = attributes.precision;
  const float *x = call.Input(0), *gain = call.Input(1), *bias = call.Input(2);
  const float *fc1_weight = call.Input(3), *fc1_bias = call.Input(4);
  const float *fc2_weight = call.Input(5), *fc2_bias = call.Input(6);
  float *y = call.Output(0, {rows, dim}), *normal = call.Output(1, {rows, dim});
  float *mean = call.Output(2, {rows}), *reciprocal = call.Output(3, {rows});
  float *before = call.Output(4, {rows, hidden}), *after = call.Output(5, {rows, hidden});
  const auto activate = [&](Vector value, long at, long count) {
    Store(after + at, Gelu(value), count);
    return value;
  };
  LayerNorm(Pool(), x, gain, bias, rows, dim, normal, mean, reciprocal);
  Linear(Pool(), precision, {rows, dim, hidden}, normal, fc1_weight, fc1_bias, nullptr, before, activate);
  Linear(Pool(), precision, {rows, hidden, dim}, after, fc2_weight, fc2_bias, x, y);
}

/// dy, the layer's inputs, what it gave beside y -> the gradients of its inputs
void MlpLayerGradientOp(const Attributes &attributes, Call &call) {
  const long rows = call.Dim(0, 0), dim = call.Dim(0, 1), hidden = call.Dim(4, 0);
  call.ExpectAll(1, {{rows, dim}, {dim}, {dim}, {hidden, dim}, {hidden}, {dim, hidden}, {dim}});
  call.ExpectAll(8, {{rows, dim}, {rows}, {rows}, {rows, hidden}, {rows, hidden}});
  const Precision precision = attributes.precision;
  const float *dy = call.Input(0), *x = call.Input(1), *gain = call.Input(2);
  const float *fc1_weight = call.Input(4), *fc2_weight = call.Input(6);
  const float *normal = call.Input(8), *mean = call.Input(9), *reciprocal = call.Input(10);
  const float *before = call.Input(11), *after = call.Input(12);
  float *dx = call.Output(0, {rows, dim}), *dgain = call.Output(1, {dim}), *dbias = call.Output(2, {dim});
  float *dfc1_weight = call.Output(3, {hidden, dim}), *dfc1_bias = call.Output(4, {hidden});
  float *dfc2_weight = call.Output(5, {dim, hidden}), *dfc2_bias = call.Output(6, {dim});
  float *dnormal = dx; // one after the other in the same memory
  Workspace space;
  float *dbefore = space.Get(rows * hidden);
  const auto slope = [&](Vector value, long at, long count) { return value * GeluSlope(Load(before + at, count)); };
  LinearGradient(Pool(), precision, {rows, hidden, dim}, dy, after, fc2_weight, dbefore, dfc2_weight, dfc2_bias, slope);
  LinearGradient(Pool(), precision, {rows, dim, hidden}, dbefore, normal, fc1_weight, dnormal, dfc1_weight, dfc1_bias);
  LayerNormGradient(Pool(), dnormal, x, gain, mean, reciprocal, dy, rows, dim, dx, dgain, dbias);
}

Compared ComparedBy(const Call &call) {
  const long elements = call.Size(0), size = call.LastDim(0), weights = call.Size(2);
  call.ExpectSize(1, elements);
  const bool one = weights == 1;
  if (!one && (call.LastDim(2) != size || weights == 0 || elements % weights != 0)) {
    throw std::invalid_argument("the weights of absolute errors do not repeat along the last axis but one");
  }
  const long rows = size == 0 ? 0 : elements / size;
  return {call.Input(0), call.Input(1), call.Input(2), rows, size, one ? 1 : elements / weights, one};
}

/// x, y `[..., repeat, size]`, weight `[..., 1, size]` or a scalar -> sum(weight |x - y|), a scalar
void AbsoluteErrorOp(const Attributes &, Call &call) {
  *call.Output(0, {}) = AbsoluteError(Pool(), ComparedBy(call));
}

/// x, y, weight as before -> dx
void AbsoluteErrorGradientOp(const Attributes &, Call &call) {
  AbsoluteErrorGradient(Pool(), ComparedBy(call), call.OutputLike(0, 0));
}

/// n weights, n gradients, n first and n second moments, rates and decays `[n, 2]`, an AdamStep `[6]` -> nothing:
/// weights and moments are changed in place.
void AdamWOp(const Attributes &, Call &call) {
  const int n = (call.inputs() - 2) / 4;
  call.Expect(4 * n, {n, 2});
  call.Expect(4 * n + 1, {6});
  const float *rates = call.Input(4 * n), *s = call.Input(4 * n + 1);
  std::vector<AdamWeight> weights;
  for (int i = 0; i < n; i++) {
    const long size = call.Size(i);
    for (int part = 1; part < 4; part++) call.ExpectSize(part * n + i, size);
    weights.push_back({call.Input(i), call.Input(2 * n + i), call.Input(3 * n + i), call.Input(n + i), size,
                       rates[2 * i], rates[2 * i + 1]});
  }
  UpdateWeights(Pool(), weights, {s[0], s[1], s[2], s[3], s[4], s[5]});
}

/// n arrays -> the sum of all their elements' squares, a scalar
void SumOfSquaresOp(const Attributes &, Call &call) {
  std::vector<const float *> arrays;
  std::vector<long> sizes;
  for (int i = 0; i < call.inputs(); i++) {
    arrays.push_back(call.Input(i));
    sizes.push_back(call.Size(i));
  }
  *call.Output(0, {}) = SumOfSquares(Pool(), arrays, sizes);
}

void RegisterAll() {
  const std::string bf16 = "bf16: bool";
  RegisterWithGradient<LinearOp, LinearGradientOp>("Linear", {"x", "weight", "bias"}, {"y"},
                                                   {bf16, "input_gradient: bool"});
  RegisterWithGradient<LayerNormOp, LayerNormGradientOp>("LayerNorm", {"x", "gain", "bias"},
                                                         {"y", "mean", "reciprocal"});
  RegisterWithGradient<BatchNormOp, BatchNormGradientOp>("BatchNorm", {"x", "gain", "bias"},
                                                         {"y", "mean", "variance"});
  RegisterWithGradient<AttentionLayerOp, AttentionLayerGradientOp>(
      "AttentionLayer", {"x", "gain", "bias", "qkv_weight", "qkv_bias", "proj_weight", "proj_bias"},
      {"y", "normal", "mean", "reciprocal", "qkv", "shares", "mixed"}, {bf16, "samples: int", "heads: int"});
  RegisterWithGradient<MlpLayerOp, MlpLayerGradientOp>(
      "MlpLayer", {"x", "gain", "bias", "fc1_weight", "fc1_bias", "fc2_weight", "fc2_bias"},
      {"y", "normal", "mean", "reciprocal", "before", "after"}, {bf16});
  Register<AbsoluteErrorOp>("AbsoluteError", {"x", "y", "weight"}, {"sum"});
  Register<AbsoluteErrorGradientOp>("AbsoluteErrorGradient", {"x", "y", "weight"}, {"dx"});
  Register<AdamWOp>("AdamW",
                    {"weights: n * float", "gradients: n * float", "first: n * float", "second: n * float", "rates",
                     "step"},
                    {}, {"n: int >= 1"});
  Register<SumOfSquaresOp>("SumOfSquares", {"arrays: n * float"}, {"sum"}, {"n: int >= 1"});
}

/// A training step frees what the next one allocates again. glibc would give such memory back to the system and have it
/// cleared page by page each time, a quarter of a step; up to 2 GB are kept instead.
void KeepFreedMemory() {
#if defined(__GLIBC__)
  mallopt(M_MMAP_THRESHOLD, 32 << 20); // the highest there is
  mallopt(M_TRIM_THRESHOLD, std::numeric_limits<int>::max());
#endif
}

napi_value Init(napi_env env, napi_value exports) {
  static std::once_flag registered; // once a process, however many of Node's threads load it
  try {
    std::call_once(registered, [] {
      KeepFreedMemory();
      RegisterAll();
    });
  } catch (const std::exception &error) {
    napi_throw_error(env, nullptr, error.what());
  }
  return exports;
}

} // namespace
} // namespace hybrid_ecg

NAPI_MODULE(NODE_GYP_MODULE_NAME, hybrid_ecg::Init)
