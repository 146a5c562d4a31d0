// The part of TensorFlow's C interface for kernels that is used here (tensorflow/c/kernels.h, version 2.21).
//
// TensorFlow's own header includes C++ headers that the cache of its C headers does not hold.

#pragma once

#include <tensorflow/c/tf_datatype.h>
#include <tensorflow/c/tf_status.h>
#include <tensorflow/c/tf_tensor.h>

#include <cstddef>
#include <cstdint>

extern "C" {

struct TF_KernelBuilder;
struct TF_OpKernelConstruction;
struct TF_OpKernelContext;

TF_KernelBuilder *TF_NewKernelBuilder(const char *op, const char *device, void *(*create)(TF_OpKernelConstruction *),
                                      void (*compute)(void *, TF_OpKernelContext *), void (*destroy)(void *));
void TF_RegisterKernelBuilder(const char *kernel, TF_KernelBuilder *builder, TF_Status *status);

void TF_OpKernelConstruction_GetAttrInt32(TF_OpKernelConstruction *context, const char *name, int32_t *value,
                                          TF_Status *status);
void TF_OpKernelConstruction_GetAttrBool(TF_OpKernelConstruction *context, const char *name, unsigned char *value,
                                         TF_Status *status);

int TF_NumInputs(TF_OpKernelContext *context);
void TF_GetInput(TF_OpKernelContext *context, int i, TF_Tensor **tensor, TF_Status *status);
TF_Tensor *TF_AllocateOutput(TF_OpKernelContext *context, int index, TF_DataType type, const int64_t *dims,
                             int dims_count, size_t bytes, TF_Status *status);
void TF_OpKernelContext_Failure(TF_OpKernelContext *context, TF_Status *status);
}
