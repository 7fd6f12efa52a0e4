using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp.Interop;

namespace TorchSharp;

// Functions whose forward and backward are written in C#.
public static partial class torch
{
    public static unsafe partial class autograd
    {
        /// <summary>
        /// The C# side of a node of the graph. The native node holds it by a handle until it dies with the graph; then the handle is freed,
        /// and with it all that the function kept for backward.
        /// </summary>
        internal sealed class Node
        {
            private readonly string _name;
            private readonly Func<AutogradContext, List<Tensor>, List<Tensor>> _backward;
            private bool[] _isTensor = [];

            public Node(string name, Func<AutogradContext, List<Tensor>, List<Tensor>> backward)
            {
                _name = name;
                _backward = backward;
                Context = new AutogradContext(this);
                var handle = GCHandle.Alloc(this);
                Reference = NativeMethods.anml_node_new(&Backward, &Release, GCHandle.ToIntPtr(handle));
                if (Reference == 0) handle.Free();
                Pointer = NativeMethods.anml_node_pointer(Libtorch.Check(Reference));
            }

            public AutogradContext Context { get; }

            /// <summary>Our share of the native node, until apply is through; afterwards the graph alone keeps it.</summary>
            public nint Reference { get; private set; }

            /// <summary>The native node; valid while we hold our share, and within backward.</summary>
            public nint Pointer { get; private set; }

            public List<Tensor> Connect(object[] arguments, out bool executable)
            {
                _isTensor = Array.ConvertAll(arguments, argument => argument is Tensor { IsInvalid: false });
                var inputs = arguments.OfType<Tensor>().Where(tensor => !tensor.IsInvalid).ToList();
                executable = AutoGradMode.IsEnabled && inputs.Exists(tensor => tensor.requires_grad);
                var handles = Handles(inputs);
                fixed (nint* pointer = handles) {
                    Libtorch.Check(NativeMethods.anml_node_connect(Pointer, pointer, handles.Length, executable ? 1 : 0));
                }
                return inputs;
            }

            public List<Tensor> Wrap(List<Tensor> inputs, List<Tensor> outputs, bool executable)
            {
                var inputHandles = Handles(inputs);
                var outputHandles = Handles(outputs);
                var fixedHandles = Handles(Context.NonDifferentiable);
                var dirtyHandles = Handles(Context.Dirty);
                var results = new nint[outputHandles.Length];
                fixed (nint* i = inputHandles, o = outputHandles, f = fixedHandles, d = dirtyHandles, r = results) {
                    Libtorch.Check(NativeMethods.anml_node_wrap(
                        Reference, executable ? 1 : 0, i, inputHandles.Length, f, fixedHandles.Length, d, dirtyHandles.Length,
                        Context.MaterializeGrads ? 1 : 0, o, outputHandles.Length, r));
                }
                GC.KeepAlive(inputs);
                GC.KeepAlive(outputs);
                return results.Select(handle => new Tensor(handle)).ToList();
            }

            public void Save(List<Tensor> tensors)
            {
                var handles = Handles(tensors);
                fixed (nint* pointer = handles) Libtorch.Check(NativeMethods.anml_node_save(Pointer, pointer, handles.Length));
                GC.KeepAlive(tensors);
            }

            public List<Tensor> Saved()
            {
                if (Pointer == 0) throw new InvalidOperationException("The graph that this context belonged to is gone.");
                var handles = new nint[NativeMethods.anml_node_saved_count(Pointer)];
                fixed (nint* pointer = handles) Libtorch.Check(NativeMethods.anml_node_saved(Pointer, pointer));
                return handles.Select(handle => handle == 0 ? null : new Tensor(handle)).ToList();
            }

            public void LetGo()
            {
                var reference = Reference;
                Reference = 0;
                NativeMethods.anml_node_free(reference);
            }

            private void Backward(nint* grads, int count, nint* results, int resultCount)
            {
                var given = new List<Tensor>(count);
                for (var i = 0; i < count; i++) given.Add(new Tensor(grads[i]));
                var returned = _backward(Context, given);

                // More gradients than arguments are fine as long as the surplus is empty.
                while (returned.Count > _isTensor.Length && returned[^1] is null or { IsInvalid: true }) {
                    returned.RemoveAt(returned.Count - 1);
                }
                if (returned.Count != _isTensor.Length) {
                    throw new NotImplementedException(
                        $"Function {_name} returned an incorrect number of gradients (expected {_isTensor.Length}), got {returned.Count}");
                }
                var next = 0;
                for (var i = 0; i < returned.Count; i++) {
                    var empty = returned[i] is null or { IsInvalid: true };
                    if (_isTensor[i]) results[next++] = empty ? 0 : returned[i].Handle;
                    else if (!empty) {
                        throw new NotImplementedException(
                            $"Function {_name} returned a gradient different that is defined at position {i + 1}, " +
                            "but the corresponding forward input was not a Tensor");
                    }
                }
                _keep = returned;
            }

            // The results' handles are read after the callback has returned.
            private List<Tensor> _keep;

            [UnmanagedCallersOnly]
            private static long Backward(nint context, nint* grads, int count, nint* results, int resultCount)
            {
                try {
                    ((Node)GCHandle.FromIntPtr(context).Target).Backward(grads, count, results, resultCount);
                    return 0;
                } catch (Exception exception) {
                    return Libtorch.Keep(exception);
                }
            }

            [UnmanagedCallersOnly]
            private static void Release(nint context)
            {
                var handle = GCHandle.FromIntPtr(context);
                ((Node)handle.Target).Pointer = 0;
                handle.Free();
            }
        }

        public class AutogradContext : IDisposable
        {
            private readonly Node _node;
            private readonly Dictionary<string, object> _data = [];

            internal AutogradContext(Node node) => _node = node;

            internal List<Tensor> ToSave { get; private set; } = [];

            internal List<Tensor> Dirty { get; private set; } = [];

            internal List<Tensor> NonDifferentiable { get; private set; } = [];

            public bool MaterializeGrads { get; private set; } = true;

            public void save_for_backward(List<Tensor> tensors) => ToSave = tensors;

            public List<Tensor> get_saved_variables() => _node.Saved();

            public void save_data(string key, object value) => _data[key] = value;

            public object get_data(string key) => _data.GetValueOrDefault(key);

            public void mark_dirty(List<Tensor> tensors) => Dirty = tensors.ToList();

            public void mark_non_differentiable(List<Tensor> tensors) => NonDifferentiable = tensors.ToList();

            public void set_materialize_grads(bool value) => MaterializeGrads = value;

            /// <summary>Forgets the references of forward; what is kept for backward belongs to the graph.</summary>
            internal void EndForward()
            {
                ToSave = [];
                Dirty = [];
                NonDifferentiable = [];
            }

            public void Dispose()
            {
                Dispose(true);
                GC.SuppressFinalize(this);
            }

            protected virtual void Dispose(bool disposing)
            {
                if (disposing) _data.Clear();
            }
        }

        public abstract class Function<T> where T : Function<T>, new()
        {
            internal static T Instance { get; } = new();

            public abstract string Name { get; }

            public static List<Tensor> apply_internal(params object[] vars)
            {
                var node = new Node(Instance.Name, Instance.BackwardAll);
                try {
                    var inputs = node.Connect(vars, out var executable);
                    List<Tensor> outputs;
                    using (new AutoGradMode(false)) outputs = Instance.ForwardAll(node.Context, vars);
                    var wrapped = node.Wrap(inputs, outputs, executable);
                    if (executable) node.Save(node.Context.ToSave);
                    node.Context.EndForward();
                    return wrapped;
                } finally {
                    node.LetGo();
                }
            }

            internal abstract List<Tensor> ForwardAll(AutogradContext ctx, object[] vars);

            internal abstract List<Tensor> BackwardAll(AutogradContext ctx, List<Tensor> grad_outputs);
        }

        public abstract class SingleTensorFunction<T> : Function<T> where T : SingleTensorFunction<T>, new()
        {
            public static Tensor apply(params object[] vars) => apply_internal(vars)[0];

            public abstract Tensor forward(AutogradContext ctx, params object[] vars);

            public abstract List<Tensor> backward(AutogradContext ctx, Tensor grad_output);

            internal sealed override List<Tensor> ForwardAll(AutogradContext ctx, object[] vars) => [forward(ctx, vars)];

            internal sealed override List<Tensor> BackwardAll(AutogradContext ctx, List<Tensor> grad_outputs) =>
                backward(ctx, grad_outputs[0]);
        }

        public abstract class MultiTensorFunction<T> : Function<T> where T : MultiTensorFunction<T>, new()
        {
            public static List<Tensor> apply(params object[] vars) => apply_internal(vars);

            public abstract List<Tensor> forward(AutogradContext ctx, params object[] vars);

            public abstract List<Tensor> backward(AutogradContext ctx, List<Tensor> grad_outputs);

            internal sealed override List<Tensor> ForwardAll(AutogradContext ctx, object[] vars) => forward(ctx, vars);

            internal sealed override List<Tensor> BackwardAll(AutogradContext ctx, List<Tensor> grad_outputs) =>
                backward(ctx, grad_outputs);
        }
    }
}
