// The kit's own TensorFlow operations, registered through TensorFlow's C API when Node loads this add-on.
//
// Each does in one or two passes over memory what a dozen of TensorFlow's operations do, forward or backward; their
// TypeScript side is in lib/engine. All tensors are float32, dense, in host memory.

#if defined(__linux__)
#include <malloc.h>
#endif
#include <node_api.h>
#include <tensorflow/c/ops.h>

#include <cstdlib>
#include <limits>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

#include "absolute-error.h"
#include "adamw.h"
#include "attention.h"
#include "gelu.h"
#include "layer-norm.h"
#include "matrix-product.h"
#include "tensorflow-kernels.h"

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

struct Attributes {
  Precision precision = Precision::kFloat32;
  bool input_gradient = true;
  int32_t samples = 0, heads = 0;
};

/// One call of an operation: its inputs and outputs, released at the end.
class Call {
public:
  explicit Call(TF_OpKernelContext *context) : context_(context), status_(TF_NewStatus()) {
    for (int i = 0; i < TF_NumInputs(context); i++) {
      TF_Tensor *tensor = nullptr;
      TF_GetInput(context, i, &tensor, status_);
      inputs_.push_back(tensor);
    }
  }

  ~Call() {
    for (TF_Tensor *tensor : inputs_) TF_DeleteTensor(tensor);
    for (TF_Tensor *tensor : outputs_) TF_DeleteTensor(tensor);
    TF_DeleteStatus(status_);
  }

  int inputs() const { return static_cast<int>(inputs_.size()); }
  float *Input(int i) const { return static_cast<float *>(TF_TensorData(inputs_[i])); }
  /// An input that may be left out, after all others: nullptr without it.
  const float *Optional(int i) const { return i < inputs() ? Input(i) : nullptr; }
  long Size(int i) const { return TF_TensorElementCount(inputs_[i]); }
  long Dim(int i, int axis) const {
    if (axis >= TF_NumDims(inputs_[i])) throw std::invalid_argument("input " + std::to_string(i) + " has too few axes");
    return TF_Dim(inputs_[i], axis);
  }

  long LastDim(int i) const { return TF_NumDims(inputs_[i]) == 0 ? 1 : TF_Dim(inputs_[i], TF_NumDims(inputs_[i]) - 1); }

  void Expect(int i, std::initializer_list<long> shape) const {
    bool same = TF_NumDims(inputs_[i]) == static_cast<int>(shape.size());
    int axis = 0;
    for (const long size : shape) same = same && TF_Dim(inputs_[i], axis++) == size;
    if (!same) throw std::invalid_argument("input " + std::to_string(i) + " has another shape than the others ask for");
  }

  void ExpectSize(int i, long size) const {
    if (Size(i) != size) throw std::invalid_argument("input " + std::to_string(i) + " has another size than expected");
  }

  float *Output(int i, std::initializer_list<long> shape) { return Allocate(i, {shape.begin(), shape.end()}); }

  float *OutputLike(int i, int input) {
    std::vector<int64_t> shape;
    for (int axis = 0; axis < TF_NumDims(inputs_[input]); axis++) shape.push_back(TF_Dim(inputs_[input], axis));
    return Allocate(i, shape);
  }

  void Fail(TF_Code code, const std::string &message) {
    TF_SetStatus(status_, code, message.c_str());
    TF_OpKernelContext_Failure(context_, status_);
  }

private:
  float *Allocate(int i, const std::vector<int64_t> &shape) {
    size_t size = sizeof(float);
    for (const int64_t n : shape) size *= n;
    TF_Tensor *tensor = TF_AllocateOutput(context_, i, TF_FLOAT, shape.data(), shape.size(), size, status_);
    if (TF_GetCode(status_) != TF_OK) throw std::bad_alloc();
    outputs_.push_back(tensor);
    return static_cast<float *>(TF_TensorData(tensor));
  }

  TF_OpKernelContext *context_;
  TF_Status *status_;
  std::vector<TF_Tensor *> inputs_, outputs_;
};

/// x `[row, in]`, weight `[out, in]`, bias `[out]`, residual `[row, out]` or none -> residual + x weight^T + bias
void LinearOp(const Attributes &attributes, Call &call) {
  const long rows = call.Dim(0, 0), in = call.Dim(0, 1), out = call.Dim(1, 0);
  call.Expect(1, {out, in});
  call.Expect(2, {out});
  const float *residual = call.Optional(3);
  if (residual != nullptr) call.Expect(3, {rows, out});
  float *y = call.Output(0, {rows, out});
  Multiply(Pool(), attributes.precision, {call.Input(0), in, 1}, {call.Input(1), 1, in}, rows, out, in, y,
           {call.Input(2), residual});
}

/// x `[row, in]`, weight `[out, in]`, bias `[out]` -> gelu(x weight^T + bias), and what GELU was taken of
void LinearGeluOp(const Attributes &attributes, Call &call) {
  const long rows = call.Dim(0, 0), in = call.Dim(0, 1), out = call.Dim(1, 0);
  call.Expect(1, {out, in});
  call.Expect(2, {out});
  float *y = call.Output(0, {rows, out}), *before = call.Output(1, {rows, out});
  const auto activate = [&](Vector x, long at, long count) {
    Store(y + at, Gelu(x), count);
    return x;
  };
  Multiply(Pool(), attributes.precision, {call.Input(0), in, 1}, {call.Input(1), 1, in}, rows, out, in, before,
           {call.Input(2), nullptr}, activate);
}

/// dy `[row, out]`, x `[row, in]`, weight `[out, in]`, before `[row, in]` or none -> dx, dweight, dbias
///
/// Where x came out of GELU and `before` went in, dx is the gradient of `before`. Without `input_gradient` dx is empty.
void LinearGradientOp(const Attributes &attributes, Call &call) {
  const long rows = call.Dim(0, 0), out = call.Dim(0, 1), in = call.Dim(1, 1);
  call.Expect(1, {rows, in});
  call.Expect(2, {out, in});
  const Precision precision = attributes.precision;
  const float *dy = call.Input(0), *before = call.Optional(3);
  if (before != nullptr) call.Expect(3, {rows, in});
  const Matrix slope = {dy, out, 1}, weight = {call.Input(2), in, 1};
  if (!attributes.input_gradient) {
    call.Output(0, {0, in});
  } else if (before != nullptr) {
    const auto finish = [&](Vector x, long at, long count) { return x * GeluSlope(Load(before + at, count)); };
    Multiply(Pool(), precision, slope, weight, rows, in, out, call.Output(0, {rows, in}), {}, finish);
  } else {
    Multiply(Pool(), precision, slope, weight, rows, in, out, call.Output(0, {rows, in}));
  }
  Multiply(Pool(), precision, {dy, 1, out}, {call.Input(1), in, 1}, out, in, rows, call.Output(1, {out, in}));
  SumRows(Pool(), dy, rows, out, call.Output(2, {out}));
}

/// x `[row, dim]`, gain `[dim]`, bias `[dim]` -> y, mean `[row]`, reciprocal deviation `[row]`
void LayerNormOp(const Attributes &, Call &call) {
  const long rows = call.Dim(0, 0), dim = call.Dim(0, 1);
  call.Expect(1, {dim});
  call.Expect(2, {dim});
  float *y = call.Output(0, {rows, dim}), *mean = call.Output(1, {rows}), *reciprocal = call.Output(2, {rows});
  LayerNorm(Pool(), call.Input(0), call.Input(1), call.Input(2), 1e-6f, rows, dim, y, mean, reciprocal);
}

/// dy, x `[row, dim]`, gain `[dim]`, mean, reciprocal deviation `[row]`, added `[row, dim]` or none -> dx, dgain, dbias
void LayerNormGradientOp(const Attributes &, Call &call) {
  const long rows = call.Dim(0, 0), dim = call.Dim(0, 1);
  call.Expect(1, {rows, dim});
  call.Expect(2, {dim});
  call.Expect(3, {rows});
  call.Expect(4, {rows});
  const float *added = call.Optional(5);
  if (added != nullptr) call.Expect(5, {rows, dim});
  float *dx = call.Output(0, {rows, dim}), *dgain = call.Output(1, {dim}), *dbias = call.Output(2, {dim});
  LayerNormGradient(Pool(), call.Input(0), call.Input(1), call.Input(2), call.Input(3), call.Input(4), added, rows,
                    dim, dx, dgain, dbias);
}

void GeluOp(const Attributes &, Call &call) { Gelu(Pool(), call.Input(0), call.Size(0), call.OutputLike(0, 0)); }

/// dy, x -> dx
void GeluGradientOp(const Attributes &, Call &call) {
  call.ExpectSize(1, call.Size(0));
  GeluGradient(Pool(), call.Input(0), call.Input(1), call.Size(0), call.OutputLike(0, 0));
}

AttentionShape ShapeOfAttention(const Attributes &attributes, const Call &call, int qkv) {
  const long samples = attributes.samples, rows = call.Dim(qkv, 0), dim = call.Dim(qkv, 1) / 3;
  if (samples < 1 || rows % samples != 0 || attributes.heads < 1 || call.Dim(qkv, 1) != 3 * dim ||
      dim % attributes.heads != 0) {
    throw std::invalid_argument("queries, keys and values do not divide into samples and heads");
  }
  return {samples, rows / samples, attributes.heads, dim / attributes.heads};
}

/// qkv `[sample * token, 3 * dim]` -> out `[sample * token, dim]`, weights `[sample, head, token, token]`
void AttentionOp(const Attributes &attributes, Call &call) {
  const AttentionShape shape = ShapeOfAttention(attributes, call, 0);
  float *out = call.Output(0, {shape.samples * shape.tokens, shape.dim()});
  float *weights = call.Output(1, {shape.samples, shape.heads, shape.tokens, shape.tokens});
  InPrecision(attributes.precision,
              [&](auto way) { Attention<decltype(way)>(Pool(), call.Input(0), shape, out, weights); });
}

/// dout `[sample * token, dim]`, qkv, weights -> dqkv
void AttentionGradientOp(const Attributes &attributes, Call &call) {
  const AttentionShape shape = ShapeOfAttention(attributes, call, 1);
  call.Expect(0, {shape.samples * shape.tokens, shape.dim()});
  call.ExpectSize(2, shape.samples * shape.heads * shape.tokens * shape.tokens);
  float *dqkv = call.OutputLike(0, 1);
  InPrecision(attributes.precision, [&](auto way) {
    AttentionGradient<decltype(way)>(Pool(), call.Input(0), call.Input(1), call.Input(2), shape, dqkv);
  });
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

template <void (*compute)(const Attributes &, Call &)>
void Compute(void *attributes, TF_OpKernelContext *context) {
  Call call(context);
  try {
    compute(*static_cast<Attributes *>(attributes), call);
  } catch (const std::bad_alloc &) {
    call.Fail(TF_RESOURCE_EXHAUSTED, "OOM when allocating the memory of a kernel");
  } catch (const std::exception &error) {
    call.Fail(TF_INVALID_ARGUMENT, error.what());
  }
}

/// Attributes that the operation does not have keep their defaults.
void *ReadAttributes(TF_OpKernelConstruction *construction) {
  auto *attributes = new Attributes;
  TF_Status *status = TF_NewStatus();
  unsigned char flag = 0;
  TF_OpKernelConstruction_GetAttrBool(construction, "bf16", &flag, status);
  if (TF_GetCode(status) == TF_OK && flag) attributes->precision = Precision::kBfloat16;
  TF_OpKernelConstruction_GetAttrBool(construction, "input_gradient", &flag, status);
  if (TF_GetCode(status) == TF_OK) attributes->input_gradient = flag;
  TF_OpKernelConstruction_GetAttrInt32(construction, "samples", &attributes->samples, status);
  TF_OpKernelConstruction_GetAttrInt32(construction, "heads", &attributes->heads, status);
  TF_DeleteStatus(status);
  return attributes;
}

using Names = std::vector<const char *>;

template <void (*compute)(const Attributes &, Call &)>
void Register(const char *name, const Names &inputs, const Names &outputs, const Names &attributes = {}) {
  TF_Status *status = TF_NewStatus();
  TF_OpDefinitionBuilder *definition = TF_NewOpDefinitionBuilder(name);
  for (const char *attribute : attributes) TF_OpDefinitionBuilderAddAttr(definition, attribute);
  for (const char *input : inputs) TF_OpDefinitionBuilderAddInput(definition, input);
  for (const char *output : outputs) TF_OpDefinitionBuilderAddOutput(definition, output);
  TF_OpDefinitionBuilderSetIsStateful(definition, true);
  TF_RegisterOpDefinition(definition, status);
  if (TF_GetCode(status) == TF_OK) {
    TF_KernelBuilder *kernel = TF_NewKernelBuilder(
        name, "CPU", ReadAttributes, Compute<compute>, [](void *kept) { delete static_cast<Attributes *>(kept); });
    TF_RegisterKernelBuilder(name, kernel, status);
  }
  const std::string message = TF_GetCode(status) == TF_OK ? "" : TF_Message(status);
  TF_DeleteStatus(status);
  if (!message.empty()) throw std::runtime_error(message);
}

void RegisterAll() {
  const char *precision = "bf16: bool", *given = "given: int >= 0"; // the latter: of an input that may be left out
  const Names attention = {precision, "samples: int", "heads: int"};
  Register<LinearOp>("HybridEcgLinear", {"x: float", "weight: float", "bias: float", "residual: given * float"},
                     {"y: float"}, {precision, given});
  Register<LinearGeluOp>("HybridEcgLinearGelu", {"x: float", "weight: float", "bias: float"},
                         {"y: float", "before: float"}, {precision});
  Register<LinearGradientOp>("HybridEcgLinearGradient",
                             {"dy: float", "x: float", "weight: float", "before: given * float"},
                             {"dx: float", "dweight: float", "dbias: float"},
                             {precision, "input_gradient: bool", given});
  Register<LayerNormOp>("HybridEcgLayerNorm", {"x: float", "gain: float", "bias: float"},
                        {"y: float", "mean: float", "reciprocal: float"});
  Register<LayerNormGradientOp>("HybridEcgLayerNormGradient",
                                {"dy: float", "x: float", "gain: float", "mean: float", "reciprocal: float",
                                 "added: given * float"},
                                {"dx: float", "dgain: float", "dbias: float"}, {given});
  Register<GeluOp>("HybridEcgGelu", {"x: float"}, {"y: float"});
  Register<GeluGradientOp>("HybridEcgGeluGradient", {"dy: float", "x: float"}, {"dx: float"});
  Register<AttentionOp>("HybridEcgAttention", {"qkv: float"}, {"out: float", "weights: float"}, attention);
  Register<AttentionGradientOp>("HybridEcgAttentionGradient", {"dout: float", "qkv: float", "weights: float"},
                                {"dqkv: float"}, attention);
  const Names compared = {"x: float", "y: float", "weight: float"};
  Register<AbsoluteErrorOp>("HybridEcgAbsoluteError", compared, {"sum: float"});
  Register<AbsoluteErrorGradientOp>("HybridEcgAbsoluteErrorGradient", compared, {"dx: float"});
  Register<AdamWOp>("HybridEcgAdamW",
                    {"weights: n * float", "gradients: n * float", "first: n * float", "second: n * float",
                     "rates: float", "step: float"},
                    {}, {"n: int >= 1"});
  Register<SumOfSquaresOp>("HybridEcgSumOfSquares", {"arrays: n * float"}, {"sum: float"}, {"n: int >= 1"});
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
