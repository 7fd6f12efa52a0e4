#nullable enable
using System;
using System.Collections.Generic;
using TorchSharp.Interop;

namespace TorchSharp;

// A tensor's place in the graph of derivatives.
public static partial class torch
{
    public unsafe partial class Tensor
    {
        public bool requires_grad {
            get {
                var result = NativeMethods.anml_requires_grad(Handle) != 0;
                GC.KeepAlive(this);
                return result;
            }
            set {
                Libtorch.Check(NativeMethods.anml_set_requires_grad(Handle, value ? 1 : 0));
                GC.KeepAlive(this);
            }
        }

        public bool is_leaf {
            get {
                var result = NativeMethods.anml_is_leaf(Handle) != 0;
                GC.KeepAlive(this);
                return result;
            }
        }

        /// <summary>The gradient that backward left here: a new handle on it each time. Null where there is none.</summary>
        public Tensor? grad {
            get {
                int failed;
                var result = NativeMethods.anml_grad(Handle, &failed);
                if (failed != 0) Libtorch.ThrowLastError();
                GC.KeepAlive(this);
                return result == 0 ? null : new Tensor(result);
            }
            set {
                Libtorch.Check(NativeMethods.anml_set_grad(Handle, value?.Handle ?? 0));
                GC.KeepAlive(value);
                GC.KeepAlive(this);
            }
        }

        public Tensor requires_grad_(bool requires_grad = true)
        {
            this.requires_grad = requires_grad;
            return this;
        }

        public Tensor with_requires_grad(bool requires_grad = true)
        {
            this.requires_grad = requires_grad;
            return this;
        }

        public void retain_grad()
        {
            Libtorch.Check(NativeMethods.anml_retain_grad(Handle));
            GC.KeepAlive(this);
        }

        public void backward() => autograd.backward([this], null, false, false, null);

        public void backward(
            IList<Tensor>? grad_tensors = null, bool retain_graph = false, bool create_graph = false, IList<Tensor>? inputs = null) =>
            autograd.backward([this], grad_tensors!, retain_graph, create_graph, inputs!);
    }
}
