// The generic entry: any ATen operator, looked up by name and overload, called with tagged values. See ../TorchSharp/README.md.
#include "common.h"

#include <ATen/core/Generator.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/ivalue.h>

#include <chrono>

using namespace alexnetml;

namespace {

// The layout and the numbers are shared with TorchSharp/Interop/NativeValue.cs.
enum Tag : int32_t {
    Default = 0,
    None,
    Tensor,
    Int,
    Double,
    Bool,
    IntList,
    DoubleList,
    TensorList,
    OptionalTensorList,
    ComplexNumber,
    DeviceValue,
    String,
    GeneratorValue,
};

struct Value {
    int32_t tag;
    int32_t count;
    union {
        int64_t integer;
        double real;
        void* pointer;
    };
};
static_assert(sizeof(Value) == 16);

struct Operator {
    c10::OperatorHandle handle;
    std::vector<c10::IValue> defaults;  // by position; None where the schema has no default
};

c10::IValue to_ivalue(const Value& value, const Operator& op, int32_t position) {
    switch (value.tag) {
        case Default: return op.defaults[position];
        case None: return {};
        case Tensor: return *static_cast<Handle>(value.pointer);
        case Int: return value.integer;
        case Double: return value.real;
        case Bool: return value.integer != 0;
        case IntList: return at::IntArrayRef(static_cast<const int64_t*>(value.pointer), value.count);
        case DoubleList: return at::ArrayRef<double>(static_cast<const double*>(value.pointer), value.count);
        case TensorList: return to_tensors(static_cast<Handle const*>(value.pointer), value.count);
        case OptionalTensorList: {
            c10::List<optional_of<at::Tensor>> list;
            list.reserve(value.count);
            for (auto& tensor : to_tensors(static_cast<Handle const*>(value.pointer), value.count)) {
                if (tensor.defined()) list.push_back(std::move(tensor));
                else list.push_back(optional_of<at::Tensor>());
            }
            return list;
        }
        case ComplexNumber: {
            auto parts = static_cast<const double*>(value.pointer);
            return c10::complex<double>(parts[0], parts[1]);
        }
        case DeviceValue:
            return c10::Device(static_cast<c10::DeviceType>(value.integer), static_cast<c10::DeviceIndex>(value.count));
        case String: return std::string(static_cast<const char*>(value.pointer), value.count);
        case GeneratorValue: return *static_cast<at::Generator*>(value.pointer);
        default: TORCH_CHECK(false, "argument tag ", value.tag, " is unknown");
    }
}

// Lists of results: the caller copies the handles before its next call on this thread.
thread_local std::vector<Handle> result_list;

Value from_ivalue(c10::IValue&& result) {
    Value value{None, 0, {0}};
    if (result.isTensor()) {
        value.tag = Tensor;
        value.pointer = new_handle(std::move(result).toTensor());
    } else if (result.isTensorList()) {
        result_list.clear();
        for (auto& tensor : result.toTensorVector()) result_list.push_back(new_handle(std::move(tensor)));
        value.tag = TensorList;
        value.count = static_cast<int32_t>(result_list.size());
        value.pointer = result_list.data();
    } else if (result.isInt()) {
        value.tag = Int;
        value.integer = result.toInt();
    } else if (result.isDouble()) {
        value.tag = Double;
        value.real = result.toDouble();
    } else if (result.isBool()) {
        value.tag = Bool;
        value.integer = result.toBool();
    } else {
        TORCH_CHECK(result.isNone(), "a result of type ", result.tagKind(), " is not supported");
    }
    return value;
}

}  // namespace

// The operator, for the life of the process; null and an error if this libtorch has none of that name.
EXPORT Operator* anml_find_operator(const char* name, const char* overload) {
    return guarded<Operator*>(nullptr, [&] {
        auto op = new Operator{c10::Dispatcher::singleton().findSchemaOrThrow(name, overload), {}};
        for (auto& argument : op->handle.schema().arguments()) {
            op->defaults.push_back(argument.default_value() ? *argument.default_value() : c10::IValue());
        }
        return op;
    });
}

// A stack's memory, kept from call to call. A call that comes while another holds it starts with an empty one.
thread_local std::vector<c10::IValue> spare_stack;

// Calls the operator; arguments that are not given take the schema's defaults. Writes up to `capacity` results (0: they are
// dropped, for operators that work in place) and returns their number, or -1 and an error.
EXPORT int32_t anml_call(const Operator* op, const Value* arguments, int32_t count, Value* results, int32_t capacity) {
    return guarded<int32_t>(-1, [&] {
        auto expected = static_cast<int32_t>(op->defaults.size());
        TORCH_CHECK(count <= expected, op->handle.schema().name(), " takes ", expected, " arguments, not ", count);
        auto stack = std::move(spare_stack);
        stack.clear();
        for (int32_t i = 0; i < count; ++i) stack.push_back(to_ivalue(arguments[i], *op, i));
        for (int32_t i = count; i < expected; ++i) stack.push_back(op->defaults[i]);
        op->handle.callBoxed(stack);
        auto returned = std::min(capacity, static_cast<int32_t>(stack.size()));
        for (int32_t i = 0; i < returned; ++i) results[i] = from_ivalue(std::move(stack[i]));
        stack.clear();
        spare_stack = std::move(stack);
        return returned;
    });
}

// For Tests/Benchmarks: seconds that so many additions of one number to one number take in C++ alone, result allocated and freed.
EXPORT double anml_time_additions(int64_t count) {
    return guarded<double>(-1, [&] {
        auto left = at::ones({1}), right = at::ones({1});
        auto start = std::chrono::steady_clock::now();
        for (int64_t i = 0; i < count; ++i) auto sum = left.add(right);
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    });
}
