// What the entry points share: handles, errors, argument values. See ../TorchSharp/README.md.
#pragma once

#include <ATen/ATen.h>
#include <torch/version.h>

#include <atomic>
#include <cstdint>
#include <exception>
#include <string>

#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 3)
#include <optional>
template <typename T> using optional_of = std::optional<T>;
#else
#include <c10/util/Optional.h>
template <typename T> using optional_of = c10::optional<T>;
#endif

#define EXPORT extern "C" __attribute__((visibility("default")))

namespace alexnetml {

// A handle is an owning reference to a tensor. Two handles may name one tensor.
using Handle = at::Tensor*;

extern std::atomic<int64_t> live_handles;

inline Handle new_handle(at::Tensor tensor) {
    if (!tensor.defined()) return nullptr;
    live_handles.fetch_add(1, std::memory_order_relaxed);
    return new at::Tensor(std::move(tensor));
}

inline std::vector<at::Tensor> to_tensors(Handle const* handles, int64_t count) {
    std::vector<at::Tensor> tensors;
    tensors.reserve(count);
    for (int64_t i = 0; i < count; ++i) tensors.push_back(handles[i] ? *handles[i] : at::Tensor());
    return tensors;
}

// An exception that a C# callback threw: it travels through torch as this and becomes the C# exception again on the other side.
struct ManagedException : std::runtime_error {
    int64_t id;
    explicit ManagedException(int64_t id) : std::runtime_error("a C# callback threw"), id(id) {}
};

void set_error(std::string message, int64_t managed_exception = 0);

// Runs the body; an exception becomes the thread's last error and the given result.
template <typename Result, typename Body> Result guarded(Result on_error, Body body) noexcept {
    try {
        return body();
    } catch (const ManagedException& e) {
        set_error(e.what(), e.id);
    } catch (const c10::Error& e) {
        set_error(e.what_without_backtrace());
    } catch (const std::exception& e) {
        set_error(e.what());
    } catch (...) {
        set_error("an exception of unknown type left libtorch");
    }
    return on_error;
}

}  // namespace alexnetml
