// One call of an operation by TensorFlow, and how operations are registered.

#pragma once

#include <tensorflow/c/ops.h>

#include <initializer_list>
#include <stdexcept>
#include <string>
#include <vector>

#include "matrix-product.h"
#include "tensorflow-kernels.h"

namespace hybrid_ecg {

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

  /// Inputs from `first` on, a shape each.
  void ExpectAll(int first, std::initializer_list<std::initializer_list<long>> shapes) const {
    for (const auto &shape : shapes) Expect(first++, shape);
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
inline void *ReadAttributes(TF_OpKernelConstruction *construction) {
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

using Names = std::vector<std::string>;

/// Inputs and outputs are float where they do not say otherwise.
inline std::string Typed(const std::string &name) {
  return name.find(':') == std::string::npos ? name + ": float" : name;
}

template <void (*compute)(const Attributes &, Call &)>
void Register(const std::string &name, const Names &inputs, const Names &outputs, const Names &attributes = {}) {
  const std::string full = "HybridEcg" + name;
  TF_Status *status = TF_NewStatus();
  TF_OpDefinitionBuilder *definition = TF_NewOpDefinitionBuilder(full.c_str());
  for (const auto &attribute : attributes) TF_OpDefinitionBuilderAddAttr(definition, attribute.c_str());
  for (const auto &input : inputs) TF_OpDefinitionBuilderAddInput(definition, Typed(input).c_str());
  for (const auto &output : outputs) TF_OpDefinitionBuilderAddOutput(definition, Typed(output).c_str());
  TF_OpDefinitionBuilderSetIsStateful(definition, true);
  TF_RegisterOpDefinition(definition, status);
  if (TF_GetCode(status) == TF_OK) {
    TF_KernelBuilder *kernel =
        TF_NewKernelBuilder(full.c_str(), "CPU", ReadAttributes, Compute<compute>,
                            [](void *kept) { delete static_cast<Attributes *>(kept); });
    TF_RegisterKernelBuilder(full.c_str(), kernel, status);
  }
  const std::string message = TF_GetCode(status) == TF_OK ? "" : TF_Message(status);
  TF_DeleteStatus(status);
  if (!message.empty()) throw std::runtime_error(message);
}

/// Registers an operation and `<name>Gradient`, which takes the gradient of the first output, the operation's inputs
/// and its other outputs, and gives the gradients of the inputs.
template <void (*compute)(const Attributes &, Call &), void (*gradient)(const Attributes &, Call &)>
void RegisterWithGradient(const std::string &name, const Names &inputs, const Names &outputs,
                          const Names &attributes = {}) {
  Register<compute>(name, inputs, outputs, attributes);
  Names given = {"d" + outputs[0]}, gradients;
  given.insert(given.end(), inputs.begin(), inputs.end());
  given.insert(given.end(), outputs.begin() + 1, outputs.end());
  for (const auto &input : inputs) gradients.push_back("d" + input);
  Register<gradient>(name + "Gradient", given, gradients, attributes);
}

} // namespace hybrid_ecg
