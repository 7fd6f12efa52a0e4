// Tensors as objects (lifetime, description, memory), devices, threads and random state.
#include "common.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/TensorIndexing.h>
#include <ATen/core/Generator.h>
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/detail/CUDAHooksInterface.h>

using namespace alexnetml;

std::atomic<int64_t> alexnetml::live_handles{0};

namespace {

thread_local std::string last_error;
thread_local int64_t last_managed_exception = 0;

}  // namespace

void alexnetml::set_error(std::string message, int64_t managed_exception) {
    last_error = std::move(message);
    last_managed_exception = managed_exception;
}

// The last error of this thread, UTF-8, valid until its next one; managed_exception: the id that the C# side gave, or 0.
EXPORT const char* anml_last_error(int64_t* managed_exception) {
    *managed_exception = last_managed_exception;
    return last_error.c_str();
}

EXPORT const char* anml_torch_version() { return TORCH_VERSION; }

// --- lifetime ---

EXPORT void anml_free(Handle tensor) {
    delete tensor;
    live_handles.fetch_sub(1, std::memory_order_relaxed);
}

EXPORT int64_t anml_live_handles() { return live_handles.load(std::memory_order_relaxed); }

// A tensor over memory of the caller's; release(context) is called when the last reference goes.
EXPORT Handle anml_from_blob(void* data, const int64_t* sizes, int32_t dimensions, int32_t dtype, void (*release)(void*), void* context) {
    return guarded<Handle>(nullptr, [&] {
        auto options = at::TensorOptions().dtype(static_cast<at::ScalarType>(dtype));
        return new_handle(at::from_blob(
            data, at::IntArrayRef(sizes, dimensions), [release, context](void*) { release(context); }, options));
    });
}

// --- description ---

struct Description {
    int64_t elements;
    int64_t element_size;
    int64_t storage_offset;
    const int64_t* sizes;
    const int64_t* strides;
    int32_t dimensions;
    int32_t dtype;
    int32_t device_type;
    int32_t device_index;
    int32_t contiguous;
    int32_t sparse;
};

// sizes and strides point into the tensor. A sparse tensor has neither strides nor an offset.
EXPORT int32_t anml_describe(Handle tensor, Description* out) {
    return guarded<int32_t>(-1, [&] {
        auto strided = tensor->layout() == at::kStrided;
        out->elements = tensor->numel();
        out->element_size = static_cast<int64_t>(tensor->element_size());
        out->storage_offset = strided ? tensor->storage_offset() : 0;
        out->sizes = tensor->sizes().data();
        out->strides = strided ? tensor->strides().data() : nullptr;
        out->dimensions = static_cast<int32_t>(tensor->dim());
        out->dtype = static_cast<int32_t>(tensor->scalar_type());
        out->device_type = static_cast<int32_t>(tensor->device().type());
        out->device_index = tensor->device().index();
        out->contiguous = strided && tensor->is_contiguous();
        out->sparse = tensor->is_sparse();
        return 0;
    });
}

EXPORT void* anml_data(Handle tensor) {
    return guarded<void*>(nullptr, [&] { return tensor->data_ptr(); });
}

// --- indexing ---

struct Index {
    int32_t kind;  // 0 none, 1 number, 2 ellipsis, 3 bool, 4 tensor, 5 slice
    int32_t given; // of a slice: bit 0 start, bit 1 stop, bit 2 step
    int64_t start;
    int64_t stop;
    int64_t step;
    Handle tensor;
};

static std::vector<at::indexing::TensorIndex> to_indices(const Index* indices, int32_t count) {
    std::vector<at::indexing::TensorIndex> result;
    result.reserve(count);
    for (int32_t i = 0; i < count; ++i) {
        auto& index = indices[i];
        switch (index.kind) {
            case 0: result.emplace_back(at::indexing::None); break;
            case 1: result.emplace_back(index.start); break;
            case 2: result.emplace_back(at::indexing::Ellipsis); break;
            case 3: result.emplace_back(index.start != 0); break;
            case 4: result.emplace_back(*index.tensor); break;
            default:
                result.emplace_back(at::indexing::Slice(
                    index.given & 1 ? optional_of<int64_t>(index.start) : optional_of<int64_t>(),
                    index.given & 2 ? optional_of<int64_t>(index.stop) : optional_of<int64_t>(),
                    index.given & 4 ? optional_of<int64_t>(index.step) : optional_of<int64_t>()));
        }
    }
    return result;
}

EXPORT Handle anml_index(Handle tensor, const Index* indices, int32_t count) {
    return guarded<Handle>(nullptr, [&] { return new_handle(tensor->index(to_indices(indices, count))); });
}

EXPORT int32_t anml_index_put(Handle tensor, const Index* indices, int32_t count, Handle value) {
    return guarded<int32_t>(-1, [&] {
        tensor->index_put_(to_indices(indices, count), *value);
        return 0;
    });
}

// --- devices and threads ---

EXPORT int32_t anml_cuda_devices() {
    return guarded<int32_t>(0, [&] {
        return at::hasCUDA() ? static_cast<int32_t>(at::detail::getCUDAHooks().getNumGPUs()) : 0;
    });
}

EXPORT int32_t anml_cudnn_available() {
    return guarded<int32_t>(0, [&] { return at::hasCUDA() && at::detail::getCUDAHooks().hasCuDNN() ? 1 : 0; });
}

EXPORT int32_t anml_cuda_synchronize(int32_t device) {
    return guarded<int32_t>(-1, [&] {
        at::detail::getCUDAHooks().deviceSynchronize(static_cast<c10::DeviceIndex>(device));
        return 0;
    });
}

// Whether float32 products may be computed with TF32's 10-bit mantissas: library 0 is cuBLAS, 1 cuDNN.
EXPORT int32_t anml_get_tf32(int32_t library) {
    return guarded<int32_t>(-1, [&] {
        return library ? at::globalContext().allowTF32CuDNN() : at::globalContext().allowTF32CuBLAS();
    });
}

EXPORT int32_t anml_set_tf32(int32_t library, int32_t allowed) {
    return guarded<int32_t>(-1, [&] {
        if (library) at::globalContext().setAllowTF32CuDNN(allowed != 0);
        else at::globalContext().setAllowTF32CuBLAS(allowed != 0);
        return 0;
    });
}

EXPORT int32_t anml_get_threads(int32_t interop) {
    return guarded<int32_t>(-1, [&] { return interop ? at::get_num_interop_threads() : at::get_num_threads(); });
}

EXPORT int32_t anml_set_threads(int32_t count, int32_t interop) {
    return guarded<int32_t>(-1, [&] {
        if (interop) at::set_num_interop_threads(count);
        else at::set_num_threads(count);
        return 0;
    });
}

// --- random state ---

EXPORT at::Generator* anml_generator_default() {
    return guarded<at::Generator*>(nullptr, [&] { return new at::Generator(at::detail::getDefaultCPUGenerator()); });
}

EXPORT at::Generator* anml_generator_new(uint64_t seed, int32_t device_type, int32_t device_index) {
    return guarded<at::Generator*>(nullptr, [&] {
        auto type = static_cast<c10::DeviceType>(device_type);
        if (type == c10::DeviceType::CPU) return new at::Generator(at::make_generator<at::CPUGeneratorImpl>(seed));
        c10::Device device(type, static_cast<c10::DeviceIndex>(device_index));
        auto generator = at::globalContext().defaultGenerator(device).clone();
        generator.set_current_seed(seed);
        return new at::Generator(generator);
    });
}

EXPORT void anml_generator_free(at::Generator* generator) { delete generator; }

// Every default generator, on every device.
EXPORT int32_t anml_manual_seed(uint64_t seed) {
    return guarded<int32_t>(-1, [&] {
        at::manual_seed(seed);
        return 0;
    });
}

EXPORT int32_t anml_generator_seed(at::Generator* generator, uint64_t seed) {
    return guarded<int32_t>(-1, [&] {
        std::lock_guard<std::mutex> lock(generator->mutex());
        generator->set_current_seed(seed);
        return 0;
    });
}

EXPORT uint64_t anml_generator_initial_seed(at::Generator* generator) { return generator->current_seed(); }

EXPORT Handle anml_generator_get_state(at::Generator* generator) {
    return guarded<Handle>(nullptr, [&] {
        std::lock_guard<std::mutex> lock(generator->mutex());
        return new_handle(generator->get_state());
    });
}

EXPORT int32_t anml_generator_set_state(at::Generator* generator, Handle state) {
    return guarded<int32_t>(-1, [&] {
        std::lock_guard<std::mutex> lock(generator->mutex());
        generator->set_state(*state);
        return 0;
    });
}
