// Local response normalization on a GPU: window of 5 channels, beta 0.75. What nvcc compiles knows no torch.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

namespace alexnetml {

enum class Element { Float, Half, BFloat16 };

// Contiguous [images, channels, positions] on the current device; y or dx is written. f is alpha divided by the window. All arithmetic is
// float32, whatever the elements are.
struct ResponseNorm {
    Element element;
    int64_t images, channels, positions;
    float f, k;
};

cudaError_t response_norm_forward(const ResponseNorm& norm, const void* x, void* y, cudaStream_t stream);
cudaError_t response_norm_backward(const ResponseNorm& norm, const void* x, const void* g, void* dx, cudaStream_t stream);

}  // namespace alexnetml
