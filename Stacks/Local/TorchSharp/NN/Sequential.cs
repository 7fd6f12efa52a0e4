#nullable enable
using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Runtime.CompilerServices;
using static TorchSharp.torch;

namespace TorchSharp.Modules
{
    /// <summary>Modules one after the other. The tensors between them are disposed as soon as the next one has taken them.</summary>
    public class Sequential : nn.Module<Tensor, Tensor>
    {
        private readonly List<nn.IModule<Tensor, Tensor>> _modules = [];
        private readonly List<string> _names = [];

        internal Sequential() : base("")
        {
        }

        protected Sequential(params (string name, nn.Module<Tensor, Tensor> submodule)[] modules) : this()
        {
            foreach (var (name, submodule) in modules) Add(name, submodule);
        }

        protected Sequential(params nn.Module<Tensor, Tensor>[] modules) : this()
        {
            foreach (var module in modules) append(module);
        }

        public int Count => _modules.Count;

        [IndexerName("SequentialItems")]
        public nn.IModule<Tensor, Tensor> this[int index] => _modules[index];

        [IndexerName("SequentialItems")]
        public Sequential this[(int? start, int? end) index] => Slice(index.start ?? 0, index.end ?? Count);

        [IndexerName("SequentialItems")]
        public Sequential this[Range index] => Slice(index.Start.GetOffset(Count), index.End.GetOffset(Count));

        private IEnumerable<nn.Module> Modules => _modules.Cast<nn.Module>();

        public Sequential append(string name, nn.IModule<Tensor, Tensor> module)
        {
            Add(name, module);
            return this;
        }

        public Sequential append(nn.IModule<Tensor, Tensor> module) => append(Count.ToString(CultureInfo.InvariantCulture), module);

        internal void Add(string name, nn.IModule<Tensor, Tensor> module)
        {
            _modules.Add(module);
            _names.Add(name);
        }

        public override Tensor forward(Tensor tensor)
        {
            if (Count == 0) return tensor.alias();
            var current = _modules[0].call(tensor);
            for (var i = 1; i < Count; i++) {
                var next = _modules[i].call(current);
                current.Dispose();
                current = next;
            }
            return current;
        }

        public override IEnumerable<(string name, Parameter parameter)> named_parameters(bool recurse = true)
        {
            if (!recurse) yield break;
            var seen = new HashSet<IntPtr> { IntPtr.Zero };
            foreach (var (prefix, module) in named_children()) {
                foreach (var (name, parameter) in module.named_parameters(true)) {
                    if (seen.Add(parameter.handle)) yield return ($"{prefix}.{name}", parameter);
                }
            }
        }

        public override IEnumerable<(string name, Tensor buffer)> named_buffers(bool recurse = true, bool include_persistent = true)
        {
            if (!recurse) yield break;
            var seen = new HashSet<IntPtr> { IntPtr.Zero };
            foreach (var (prefix, module) in named_children()) {
                foreach (var (name, buffer) in module.named_buffers(true, include_persistent)) {
                    if (seen.Add(buffer.handle)) yield return ($"{prefix}.{name}", buffer);
                }
            }
        }

        public override IEnumerable<(string name, nn.Module module)> named_children() => _names.Zip(Modules);

        public override IEnumerable<(string name, nn.Module module)> named_modules()
        {
            foreach (var child in named_children()) yield return child;
            foreach (var (prefix, child) in named_children()) {
                foreach (var (name, module) in child.named_modules()) yield return ($"{prefix}.{name}", module);
            }
        }

        public override nn.Module apply(Action<nn.Module> fn)
        {
            foreach (var module in Modules) module.apply(fn);
            fn(this);
            return this;
        }

        public override void train(bool on = true) => base.train(on);

        public override void eval() => base.eval();

        protected override void Dispose(bool disposing)
        {
            if (disposing) {
                foreach (var module in Modules) module.Dispose();
            }
            base.Dispose(disposing);
        }

        protected internal override nn.Module _to(ScalarType dtype, bool non_blocking)
        {
            foreach (var module in Modules) module._to(dtype, non_blocking);
            return this;
        }

        protected internal override nn.Module _to(Device device, ScalarType dtype, bool non_blocking)
        {
            foreach (var module in Modules) module._to(device, dtype, non_blocking);
            return this;
        }

        protected internal override nn.Module _to(DeviceType deviceType, int deviceIndex, bool non_blocking)
        {
            foreach (var module in Modules) module._to(deviceType, deviceIndex, non_blocking);
            return this;
        }

        private Sequential Slice(int start, int end)
        {
            if (start < 0 || start > Count) throw new IndexOutOfRangeException($"{start} is not a valid index.");
            if (end < 0 || end > Count) throw new IndexOutOfRangeException($"{end} is not a valid index.");
            var slice = new Sequential();
            for (var i = start; i < end; i++) slice.Add(_names[i], _modules[i]);
            return slice;
        }
    }
}

namespace TorchSharp
{
    using Modules;

    public static partial class torch
    {
        public static partial class nn
        {
            public static Sequential Sequential() => new();

            public static Sequential Sequential(params (string name, Module<Tensor, Tensor> submodule)[] modules) =>
                Sequential((IEnumerable<(string, Module<Tensor, Tensor>)>)modules);

            public static Sequential Sequential(params Module<Tensor, Tensor>[] modules) =>
                Sequential((IEnumerable<Module<Tensor, Tensor>>)modules);

            public static Sequential Sequential(params Tuple<string, Module<Tensor, Tensor>>[] modules) =>
                Sequential((IEnumerable<Tuple<string, Module<Tensor, Tensor>>>)modules);

            public static Sequential Sequential(IEnumerable<(string name, Module<Tensor, Tensor> submodule)> modules)
            {
                var result = Sequential();
                foreach (var (name, module) in modules) result.Add(name, module);
                return result;
            }

            public static Sequential Sequential(IEnumerable<Tuple<string, Module<Tensor, Tensor>>> modules) =>
                Sequential(modules.Select(pair => (pair.Item1, pair.Item2)));

            public static Sequential Sequential(IEnumerable<Module<Tensor, Tensor>> modules)
            {
                var result = Sequential();
                foreach (var module in modules) result.append(module);
                return result;
            }
        }
    }
}
