// Gradients: modes, backward, grad, and functions whose forward and backward are C#.
#include "common.h"

#include <c10/core/InferenceMode.h>
#include <torch/csrc/autograd/anomaly_mode.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/csrc/autograd/function.h>
#include <torch/csrc/autograd/saved_variable.h>

#include <unordered_set>

using namespace alexnetml;
using torch::autograd::variable_list;

// --- modes ---

EXPORT int32_t anml_grad_mode() { return c10::GradMode::is_enabled(); }
EXPORT void anml_set_grad_mode(int32_t enabled) { c10::GradMode::set_enabled(enabled != 0); }

EXPORT int32_t anml_inference_mode() { return c10::InferenceMode::is_enabled(); }
EXPORT c10::InferenceMode* anml_enter_inference_mode(int32_t enabled) { return new c10::InferenceMode(enabled != 0); }
EXPORT void anml_leave_inference_mode(c10::InferenceMode* guard) { delete guard; }

EXPORT int32_t anml_anomaly_mode() {
    return (torch::autograd::AnomalyMode::is_enabled() ? 1 : 0) | (torch::autograd::AnomalyMode::should_check_nan() ? 2 : 0);
}
EXPORT void anml_set_anomaly_mode(int32_t enabled, int32_t check_nan) {
    torch::autograd::AnomalyMode::set_enabled(enabled != 0, check_nan != 0);
}

// --- a tensor's gradient ---

EXPORT int32_t anml_requires_grad(Handle tensor) { return tensor->requires_grad(); }
EXPORT int32_t anml_is_leaf(Handle tensor) { return tensor->is_leaf(); }

EXPORT int32_t anml_set_requires_grad(Handle tensor, int32_t value) {
    return guarded<int32_t>(-1, [&] {
        tensor->set_requires_grad(value != 0);
        return 0;
    });
}

EXPORT int32_t anml_retain_grad(Handle tensor) {
    return guarded<int32_t>(-1, [&] {
        tensor->retain_grad();
        return 0;
    });
}

// Null where there is none (or on an error, which the flag tells).
EXPORT Handle anml_grad(Handle tensor, int32_t* failed) {
    *failed = 1;
    return guarded<Handle>(nullptr, [&] {
        auto result = new_handle(tensor->grad());
        *failed = 0;
        return result;
    });
}

EXPORT int32_t anml_set_grad(Handle tensor, Handle grad) {
    return guarded<int32_t>(-1, [&] {
        tensor->mutable_grad() = grad ? *grad : at::Tensor();
        return 0;
    });
}

// --- backward ---

EXPORT int32_t anml_backward(Handle const* tensors, int32_t count, Handle const* grads, int32_t grad_count, int32_t retain_graph,
                             int32_t create_graph, Handle const* inputs, int32_t input_count) {
    return guarded<int32_t>(-1, [&] {
        torch::autograd::backward(to_tensors(tensors, count), to_tensors(grads, grad_count), retain_graph != 0, create_graph != 0,
                                  to_tensors(inputs, input_count));
        return 0;
    });
}

// Writes one handle per input; null where an input has no part in the outputs.
EXPORT int32_t anml_grad_of(Handle const* outputs, int32_t count, Handle const* inputs, int32_t input_count, Handle const* grads,
                            int32_t grad_count, int32_t retain_graph, int32_t create_graph, int32_t allow_unused, Handle* results) {
    return guarded<int32_t>(-1, [&] {
        auto grad = torch::autograd::grad(to_tensors(outputs, count), to_tensors(inputs, input_count), to_tensors(grads, grad_count),
                                          retain_graph != 0, create_graph != 0, allow_unused != 0);
        for (size_t i = 0; i < grad.size(); ++i) results[i] = new_handle(std::move(grad[i]));
        return 0;
    });
}

// --- functions written in C# ---

namespace {

// Turns gradients of the outputs into gradients of the tensor inputs: `grads` are handles that the callee owns, `results` are handles
// that stay the callee's. Returns 0, or the id of the exception that it threw.
using BackwardCallback = int64_t (*)(void* context, Handle const* grads, int32_t count, Handle* results, int32_t result_count);
// The node is gone: the context may be freed.
using ReleaseCallback = void (*)(void* context);

struct ManagedNode : torch::autograd::Node {
    BackwardCallback backward;
    ReleaseCallback release;
    void* context;
    int32_t inputs = 0;
    bool materialize_grads = true;
    bool released = false;
    std::vector<torch::autograd::SavedVariable> saved;

    ManagedNode(BackwardCallback backward, ReleaseCallback release, void* context)
        : backward(backward), release(release), context(context) {}

    ~ManagedNode() override { release(context); }

    variable_list apply(variable_list&& grads) override {
        std::vector<Handle> given;
        given.reserve(grads.size());
        for (size_t i = 0; i < grads.size(); ++i) {
            if (!grads[i].defined() && materialize_grads) given.push_back(new_handle(input_metadata(i).zeros_like()));
            else given.push_back(new_handle(std::move(grads[i])));
        }
        std::vector<Handle> results(inputs, nullptr);
        auto exception = backward(context, given.data(), static_cast<int32_t>(given.size()), results.data(), inputs);
        if (exception != 0) throw ManagedException(exception);
        return to_tensors(results.data(), inputs);
    }

    // After a backward that does not retain the graph.
    void release_variables() override {
        for (auto& variable : saved) variable.reset_data();
        released = true;
    }
};

using NodeReference = std::shared_ptr<ManagedNode>;

// The function grew parameters over the versions; those that a C# function has no use for stay empty.
template <typename Function, typename... Common> auto wrap_outputs(Function function, const Common&... common) {
    std::unordered_set<at::TensorImpl*> to_save;
    auto view_as_self = [](const at::Tensor& tensor) { return tensor.view_as(tensor); };
    if constexpr (std::is_invocable_v<Function, const Common&...>) {
        return function(common...);
    } else if constexpr (std::is_invocable_v<Function, const Common&..., decltype(to_save)>) {
        return function(common..., to_save);
    } else if constexpr (std::is_invocable_v<Function, const Common&..., decltype(to_save), decltype(view_as_self)>) {
        return function(common..., to_save, view_as_self);
    } else {
        return function(common..., to_save, view_as_self, false);
    }
}

}  // namespace

EXPORT NodeReference* anml_node_new(BackwardCallback backward, ReleaseCallback release, void* context) {
    return guarded<NodeReference*>(nullptr, [&] {
        return new NodeReference(new ManagedNode(backward, release, context), torch::autograd::deleteNode);
    });
}

EXPORT void anml_node_free(NodeReference* node) { delete node; }

// executable: gradients are wanted. inputs: the tensor arguments of forward.
EXPORT int32_t anml_node_connect(ManagedNode* node, Handle const* inputs, int32_t count, int32_t executable) {
    return guarded<int32_t>(-1, [&] {
        node->inputs = count;
        node->set_next_edges(executable ? torch::autograd::collect_next_edges(to_tensors(inputs, count)) : torch::autograd::edge_list());
        node->clear_input_metadata();
        return 0;
    });
}

EXPORT ManagedNode* anml_node_pointer(NodeReference* node) { return node->get(); }

EXPORT int32_t anml_node_wrap(NodeReference* node, int32_t executable, Handle const* inputs, int32_t count, Handle const* not_differentiable,
                              int32_t not_differentiable_count, Handle const* dirty, int32_t dirty_count, int32_t materialize_grads,
                              Handle const* outputs, int32_t output_count, Handle* results) {
    return guarded<int32_t>(-1, [&] {
        std::unordered_set<at::TensorImpl*> fixed, changed;
        for (int32_t i = 0; i < not_differentiable_count; ++i) fixed.insert(not_differentiable[i]->unsafeGetTensorImpl());
        for (int32_t i = 0; i < dirty_count; ++i) {
            auto tensor = dirty[i]->unsafeGetTensorImpl();
            tensor->bump_version();
            changed.insert(tensor);
        }
        torch::autograd::_jvp_fn_t forward_gradient = [](const variable_list&, const variable_list&) -> variable_list {
            TORCH_CHECK(false, "forward-mode gradients of a C# function are not supported");
        };
        (*node)->materialize_grads = materialize_grads != 0;
        auto output_tensors = to_tensors(outputs, output_count);
        std::vector<optional_of<at::Tensor>> optional_outputs(output_tensors.begin(), output_tensors.end());
        std::shared_ptr<torch::autograd::Node> reference;
        if (executable) reference = *node;
        auto wrapped = wrap_outputs(&torch::autograd::_wrap_outputs, to_tensors(inputs, count), fixed, changed,
                                    at::ArrayRef<optional_of<at::Tensor>>(optional_outputs), reference, forward_gradient);
        for (size_t i = 0; i < wrapped.size(); ++i) results[i] = wrapped[i].has_value() ? new_handle(*wrapped[i]) : nullptr;
        return 0;
    });
}

EXPORT int32_t anml_node_save(ManagedNode* node, Handle const* tensors, int32_t count) {
    return guarded<int32_t>(-1, [&] {
        node->saved.clear();
        for (int32_t i = 0; i < count; ++i) {
            if (!tensors[i]) node->saved.emplace_back();
            else node->saved.emplace_back(*tensors[i], /*is_output=*/tensors[i]->grad_fn().get() == node);
        }
        return 0;
    });
}

EXPORT int32_t anml_node_saved_count(ManagedNode* node) { return static_cast<int32_t>(node->saved.size()); }

EXPORT int32_t anml_node_saved(ManagedNode* node, Handle* results) {
    return guarded<int32_t>(-1, [&] {
        TORCH_CHECK(!node->released, torch::autograd::ERR_BACKWARD_TWICE);
        auto self = node->shared_from_this();
        for (size_t i = 0; i < node->saved.size(); ++i) results[i] = new_handle(node->saved[i].unpack(self));
        return 0;
    });
}
