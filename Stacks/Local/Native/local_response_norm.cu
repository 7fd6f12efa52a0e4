// See local_response_norm.h. A thread takes one position and walks through some channels: neighbouring threads read neighbouring addresses, and
// what the window needs of the channels before stays in registers. Each value is read from memory once a walk, and written once.
#include "local_response_norm.h"

#include <cuda_bf16.h>
#include <cuda_fp16.h>

namespace alexnetml {
namespace {

constexpr int kReach = 2;           // channels of the window on either side
constexpr int kWalk = 16;           // channels of a thread: few enough that small maps fill a GPU, and 4 or 8 more to read beside them
constexpr int kThreads = 128;
constexpr int64_t kMostBlocks = 65535;

__device__ inline float widen(float value) { return value; }
__device__ inline float widen(__half value) { return __half2float(value); }
__device__ inline float widen(__nv_bfloat16 value) { return __bfloat162float(value); }
__device__ inline void narrow(float value, float* target) { *target = value; }
__device__ inline void narrow(float value, __half* target) { *target = __float2half(value); }
__device__ inline void narrow(float value, __nv_bfloat16* target) { *target = __float2bfloat16(value); }

// A channel outside the image is zero.
template <typename T> __device__ inline float load(const T* map, int64_t channel, int64_t channels, int64_t positions) {
    return channel < 0 || channel >= channels ? 0.0f : widen(map[channel * positions]);
}

// y = x · s^-¾ with s = k + f·Σ x² over channels c − 2 … c + 2
template <typename T>
__global__ void forward(const T* x, T* y, int64_t images, int64_t channels, int64_t positions, float f, float k) {
    int64_t position = int64_t(blockIdx.x) * kThreads + threadIdx.x;
    if (position >= positions) return;
    int64_t first = int64_t(blockIdx.y) * kWalk, last = min(first + kWalk, channels);
    for (int64_t image = blockIdx.z; image < images; image += gridDim.z) {
        const T* source = x + image * channels * positions + position;
        T* target = y + image * channels * positions + position;
        float a = load(source, first - 2, channels, positions), b = load(source, first - 1, channels, positions);
        float c = load(source, first, channels, positions), d = load(source, first + 1, channels, positions);
        for (int64_t channel = first; channel < last; ++channel) {
            float e = load(source, channel + kReach, channels, positions);
            float s = k + f * (a * a + b * b + c * c + d * d + e * e);
            float root = sqrtf(s);
            narrow(c / (root * sqrtf(root)), target + channel * positions);
            a = b, b = c, c = d, d = e;
        }
    }
}

// dx_c = g_c·s_c^-¾ − 1.5·f·x_c·Σ g_j·x_j·s_j^-1¾ over the j whose window holds c: c − 2 … c + 2 again
template <typename T>
__global__ void backward(const T* x, const T* g, T* dx, int64_t images, int64_t channels, int64_t positions, float f, float k) {
    int64_t position = int64_t(blockIdx.x) * kThreads + threadIdx.x;
    if (position >= positions) return;
    int64_t first = int64_t(blockIdx.y) * kWalk, last = min(first + kWalk, channels);
    for (int64_t image = blockIdx.z; image < images; image += gridDim.z) {
        int64_t offset = image * channels * positions + position;
        const T* source = x + offset;
        const T* gradient = g + offset;
        T* target = dx + offset;
        // x of channels j − 2 … j + 1; the cross terms of j − 4 … j − 1; the direct terms of j − 2 and j − 1.
        int64_t j = first - kReach;
        float a = load(source, j - 2, channels, positions), b = load(source, j - 1, channels, positions);
        float c = load(source, j, channels, positions), d = load(source, j + 1, channels, positions);
        float cross0 = 0, cross1 = 0, cross2 = 0, cross3 = 0, direct0 = 0, direct1 = 0;
        for (; j < last + kReach; ++j) {
            float e = load(source, j + kReach, channels, positions);
            float s = k + f * (a * a + b * b + c * c + d * d + e * e);
            float inverse = 1.0f / s;
            float direct2 = load(gradient, j, channels, positions) * inverse * sqrtf(sqrtf(s));
            float cross4 = direct2 * inverse * c;       // zero outside the image, as c is
            int64_t done = j - kReach;
            if (done >= first) {
                float sum = cross0 + cross1 + cross2 + cross3 + cross4;
                narrow(direct0 - 1.5f * f * a * sum, target + done * positions);
            }
            a = b, b = c, c = d, d = e;
            cross0 = cross1, cross1 = cross2, cross2 = cross3, cross3 = cross4;
            direct0 = direct1, direct1 = direct2;
        }
    }
}

dim3 blocks(const ResponseNorm& norm) {
    auto round_up = [](int64_t count, int64_t step) { return unsigned((count + step - 1) / step); };
    return dim3(round_up(norm.positions, kThreads), round_up(norm.channels, kWalk), unsigned(norm.images < kMostBlocks ? norm.images : kMostBlocks));
}

template <typename T> void launch(const ResponseNorm& n, const void* x, void* y, cudaStream_t stream) {
    forward<T><<<blocks(n), kThreads, 0, stream>>>(static_cast<const T*>(x), static_cast<T*>(y), n.images, n.channels, n.positions, n.f, n.k);
}

template <typename T> void launch(const ResponseNorm& n, const void* x, const void* g, void* dx, cudaStream_t stream) {
    backward<T><<<blocks(n), kThreads, 0, stream>>>(
        static_cast<const T*>(x), static_cast<const T*>(g), static_cast<T*>(dx), n.images, n.channels, n.positions, n.f, n.k);
}

}  // namespace

cudaError_t response_norm_forward(const ResponseNorm& norm, const void* x, void* y, cudaStream_t stream) {
    switch (norm.element) {
        case Element::Float: launch<float>(norm, x, y, stream); break;
        case Element::Half: launch<__half>(norm, x, y, stream); break;
        case Element::BFloat16: launch<__nv_bfloat16>(norm, x, y, stream); break;
    }
    return cudaGetLastError();
}

cudaError_t response_norm_backward(const ResponseNorm& norm, const void* x, const void* g, void* dx, cudaStream_t stream) {
    switch (norm.element) {
        case Element::Float: launch<float>(norm, x, g, dx, stream); break;
        case Element::Half: launch<__half>(norm, x, g, dx, stream); break;
        case Element::BFloat16: launch<__nv_bfloat16>(norm, x, g, dx, stream); break;
    }
    return cudaGetLastError();
}

}  // namespace alexnetml
