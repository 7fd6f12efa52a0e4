#nullable enable
using System;
using System.Linq;
using System.Runtime.CompilerServices;
using TorchSharp.Interop;

namespace TorchSharp;

// Parts of a tensor.
public static partial class torch
{
    public unsafe partial class Tensor
    {
        [IndexerName("TensorItems")]
        public Tensor this[params TensorIndex[] indices] {
            get => index(indices);
            set => index_put_(value, indices);
        }

        [IndexerName("TensorItems")]
        public Tensor this[params Tensor[] indices] {
            get => index(indices);
            set => index_put_(value, indices);
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1] {
            get => At([i1]);
            set => PutAt(value, [i1]);
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1, long i2] {
            get => At([i1, i2]);
            set => PutAt(value, [i1, i2]);
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1, long i2, long i3] {
            get => At([i1, i2, i3]);
            set => PutAt(value, [i1, i2, i3]);
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1, long i2, long i3, long i4] {
            get => At([i1, i2, i3, i4]);
            set => PutAt(value, [i1, i2, i3, i4]);
        }

        [IndexerName("TensorItems")]
        public Tensor this[params long[] indices] {
            get => At(indices);
            set => PutAt(value, indices);
        }

        public Tensor index(params TensorIndex[] indices)
        {
            var native = Encode(indices);
            fixed (NativeIndex* pointer = native) {
                var result = Libtorch.Check(NativeMethods.anml_index(Handle, pointer, native.Length));
                GC.KeepAlive(indices);
                GC.KeepAlive(this);
                return new Tensor(result);
            }
        }

        public Tensor index(params Tensor[] indices) => index(Array.ConvertAll(indices, TensorIndex.Tensor));

        public Tensor index_put_(Tensor value, params TensorIndex[] indices)
        {
            var native = Encode(indices);
            fixed (NativeIndex* pointer = native) {
                Libtorch.Check(NativeMethods.anml_index_put(Handle, pointer, native.Length, value.Handle));
                GC.KeepAlive(indices);
                GC.KeepAlive(value);
                return this;
            }
        }

        public Tensor index_put_(Tensor value, params Tensor[] indices) => index_put_(value, Array.ConvertAll(indices, TensorIndex.Tensor));

        public Tensor index_put_(Scalar value, params TensorIndex[] indices)
        {
            using var filled = torch.full([], value, dtype, device);
            return index_put_(filled, indices);
        }

        public Tensor index_put_(Scalar value, params Tensor[] indices) => index_put_(value, Array.ConvertAll(indices, TensorIndex.Tensor));

        public Tensor index_select(long dim, Tensor index) => Aten.Call("index_select", this, dim, index);

        public Tensor index_add(long dim, Tensor index, Tensor source, Scalar alpha) =>
            Aten.Call("index_add", this, dim, index, source, alpha);

        public Tensor index_add_(long dim, Tensor index, Tensor source, Scalar alpha) =>
            Aten.InPlace("index_add_", this, dim, index, source, alpha);

        public Tensor index_copy_(long dim, Tensor index, Tensor source) => Aten.InPlace("index_copy_", this, dim, index, source);

        public Tensor index_fill_(long dim, Tensor index, Scalar value) => Aten.InPlace("index_fill_.int_Scalar", this, dim, index, value);

        public Tensor select(long dim, long index) => Aten.Call("select.int", this, dim, index);

        public Tensor narrow(long dim, long start, long length) => Aten.Call("narrow", this, dim, start, length);

        public Tensor slice(long dim, long start, long finish, long step) => Aten.Call("slice.Tensor", this, dim, start, finish, step);

        public Tensor gather(long dim, Tensor index) => Aten.Call("gather", this, dim, index);

        public Tensor scatter(long dim, Tensor index, Tensor src) => Aten.Call("scatter.src", this, dim, index, src);

        public Tensor scatter_(long dim, Tensor index, Tensor src) => Aten.InPlace("scatter_.src", this, dim, index, src);

        public Tensor scatter_add(long dim, Tensor index, Tensor src) => Aten.Call("scatter_add", this, dim, index, src);

        public Tensor scatter_add_(long dim, Tensor index, Tensor src) => Aten.InPlace("scatter_add_", this, dim, index, src);

        public Tensor take(Tensor index) => Aten.Call("take", this, index);

        public Tensor masked_fill(Tensor mask, Scalar value) => Aten.Call("masked_fill.Scalar", this, mask, value);

        public Tensor masked_fill_(Tensor mask, Scalar value) => Aten.InPlace("masked_fill_.Scalar", this, mask, value);

        public Tensor masked_select(Tensor mask) => Aten.Call("masked_select", this, mask);

        public Tensor nonzero() => Aten.Call("nonzero", this);

        public Tensor argwhere() => Aten.Call("argwhere", this);

        public Tensor where(Tensor condition, Tensor y) => Aten.Call("where.self", condition, this, y);

        private Tensor At(ReadOnlySpan<long> indices)
        {
            var result = this;
            foreach (var index in indices) {
                var next = result.select(0, index);
                if (!ReferenceEquals(result, this)) result.Dispose();
                result = next;
            }
            return ReferenceEquals(result, this) ? alias() : result;
        }

        private void PutAt(Tensor value, ReadOnlySpan<long> indices)
        {
            using var target = At(indices);
            target.copy_(value);
        }

        private static NativeIndex[] Encode(TensorIndex[] indices) => Array.ConvertAll(indices, index => index.Encode());
    }

    public struct TensorIndex
    {
        private enum Kind
        {
            None,
            Single,
            Ellipsis,
            Bool,
            Tensor,
            Slice,
        }

        private Kind _kind;
        private long? _start;
        private long? _stop;
        private long? _step;
        private Tensor? _tensor;

        public static TensorIndex Ellipsis = new() { _kind = Kind.Ellipsis };

        public static TensorIndex None = new() { _kind = Kind.None };

        public static TensorIndex Null = new() { _kind = Kind.None };

        public static TensorIndex Colon = Slice();

        public static TensorIndex Slice(long? start = null, long? stop = null, long? step = null) =>
            new() { _kind = Kind.Slice, _start = start, _stop = stop, _step = step };

        public static TensorIndex Slice((int? start, int? end) range) => Slice((long?)range.start, range.end);

        public static TensorIndex Slice(Range range) => Slice(
            range.Start.IsFromEnd ? -range.Start.Value : range.Start.Value,
            !range.End.IsFromEnd ? range.End.Value : range.End.Value == 0 ? null : -range.End.Value);

        public static TensorIndex Bool(bool value) => new() { _kind = Kind.Bool, _start = value ? 1 : 0 };

        public static TensorIndex Single(long? index) => new() { _kind = Kind.Single, _start = index };

        public static TensorIndex Tensor(Tensor tensor) => new() { _kind = Kind.Tensor, _tensor = tensor };

        public static implicit operator TensorIndex(long value) => Single(value);

        public static implicit operator Tensor(TensorIndex value) => throw new InvalidOperationException("Should not be called.");

        public static implicit operator TensorIndex((int? start, int? end) range) => Slice(range);

        public static implicit operator TensorIndex(Range range) => Slice(range);

        public static implicit operator TensorIndex(Index index) => Single(index.IsFromEnd ? -index.Value : index.Value);

        internal readonly NativeIndex Encode() => new() {
            Kind = (int)_kind,
            Given = (_start.HasValue ? 1 : 0) | (_stop.HasValue ? 2 : 0) | (_step.HasValue ? 4 : 0),
            Start = _start ?? 0,
            Stop = _stop ?? 0,
            Step = _step ?? 0,
            Tensor = _tensor?.Handle ?? 0,
        };
    }
}
