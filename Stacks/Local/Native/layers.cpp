// Layers that only this stack has: kernels of our own for a GPU, where CMake found nvcc and the PyTorch has CUDA.
#include "common.h"

#ifdef ALEXNETML_CUDA_KERNELS
#include "local_response_norm.h"

#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>
#include <torch/csrc/autograd/custom_function.h>
#endif

using namespace alexnetml;

#ifdef ALEXNETML_CUDA_KERNELS
namespace {

constexpr int64_t kWindow = 5;
constexpr int64_t kMostChannels = 65535 * 16;       // of a grid's second dimension

bool fits(const at::Tensor& x) {
    auto type = x.scalar_type();
    return x.is_cuda() && x.dim() >= 3 && x.numel() > 0 && x.is_contiguous() && x.size(1) <= kMostChannels
        && (type == at::kFloat || type == at::kHalf || type == at::kBFloat16);
}

ResponseNorm describe(const at::Tensor& x, double alpha, double k) {
    auto type = x.scalar_type();
    auto element = type == at::kHalf ? Element::Half : type == at::kBFloat16 ? Element::BFloat16 : Element::Float;
    auto images = x.size(0), channels = x.size(1);
    return {element, images, channels, x.numel() / (images * channels), static_cast<float>(alpha / kWindow), static_cast<float>(k)};
}

void check(cudaError_t error) { TORCH_CHECK(error == cudaSuccess, "local response normalization on CUDA: ", cudaGetErrorString(error)); }

struct ResponseNormFunction : torch::autograd::Function<ResponseNormFunction> {
    static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& x, double alpha, double k) {
        context->save_for_backward({x});
        context->saved_data["alpha"] = alpha;
        context->saved_data["k"] = k;
        return run(x, alpha, k);
    }

    static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context, torch::autograd::variable_list grads) {
        TORCH_CHECK(!at::GradMode::is_enabled(), "the fused local response normalization cannot be differentiated twice");
        auto x = context->get_saved_variables()[0];
        auto g = grads[0].to(x.scalar_type()).contiguous();
        auto dx = at::empty_like(x);
        c10::cuda::CUDAGuard guard(x.device());
        check(response_norm_backward(describe(x, context->saved_data["alpha"].toDouble(), context->saved_data["k"].toDouble()),
                                     x.data_ptr(), g.data_ptr(), dx.data_ptr(), c10::cuda::getCurrentCUDAStream().stream()));
        return {dx, at::Tensor(), at::Tensor()};
    }

    static at::Tensor run(const at::Tensor& x, double alpha, double k) {
        auto y = at::empty_like(x);
        c10::cuda::CUDAGuard guard(x.device());
        check(response_norm_forward(describe(x, alpha, k), x.data_ptr(), y.data_ptr(), c10::cuda::getCurrentCUDAStream().stream()));
        return y;
    }
};

}  // namespace
#endif

// Null where there is no kernel for this tensor and window (or on an error, which the flag tells).
EXPORT Handle anml_local_response_norm(Handle x, int64_t size, double alpha, double beta, double k, int32_t* failed) {
    *failed = 0;
#ifdef ALEXNETML_CUDA_KERNELS
    if (size != kWindow || beta != 0.75) return nullptr;
    *failed = 1;
    return guarded<Handle>(nullptr, [&]() -> Handle {
        auto served = fits(*x);
        auto y = served ? new_handle(ResponseNormFunction::apply(*x, alpha, k)) : nullptr;
        *failed = 0;
        return y;
    });
#else
    (void)x, (void)size, (void)alpha, (void)beta, (void)k;
    return nullptr;
#endif
}
