using AlexNetMl.Onnx.Proto;
using DataType = AlexNetMl.Onnx.Proto.TensorProto.Types.DataType;

namespace AlexNetMl.Onnx;

/// <summary>The inverse of <see cref="Float16Weights"/> for readers that refuse half precision, ML.NET among them: same values, twice the bytes.</summary>
public static class WideWeights
{
    /// <summary>The same model with every half-precision weight stored as float32, followed by a cast where the graph computes in half precision.</summary>
    /// <param name="model">Any model.</param>
    /// <returns>A model over the same sources, or the model itself where it has no such weights.</returns>
    /// <exception cref="OnnxFormatException">The graph cannot be edited.</exception>
    public static OnnxModel Widen(OnnxModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (!model.Initializers.Any(source => source.ElementType == DataType.Float16) && !model.Proto.Graph.Initializer.Any(t => t.DataType == (int)DataType.Float16))
        {
            return model;
        }

        var edit = new GraphEdit(model);
        var casts = new List<NodeProto>();
        for (int i = 0; i < edit.Initializers.Count; i++)
        {
            IOnnxTensorSource half = edit.Initializers[i];
            if (half.ElementType != DataType.Float16)
            {
                continue;
            }

            string wide = edit.Fresh($"{half.Name}.fp32");
            edit.Initializers[i] = new WideSource(wide, half);
            casts.Add(GraphEdit.Node("Cast", [wide], half.Name, OnnxAttribute.Int("to", (long)DataType.Float16)));
        }

        edit.Prepend(casts);
        return edit.ToModel();
    }

    private sealed class WideSource(string name, IOnnxTensorSource half) : IOnnxTensorSource
    {
        public string Name => name;

        public DataType ElementType => DataType.Float;

        public IReadOnlyList<long> Dimensions => half.Dimensions;

        public long ByteLength => half.ByteLength * 2;

        public void WriteTo(Stream destination)
        {
            ArgumentNullException.ThrowIfNull(destination);
            using var bytes = new MemoryStream(checked((int)half.ByteLength));
            OnnxModelWriter.CopyExactly(half, bytes);
            ReadOnlySpan<byte> halves = bytes.GetBuffer().AsSpan(0, (int)bytes.Length);
            byte[] block = new byte[1 << 14];
            for (int start = 0; start < halves.Length;)
            {
                int count = Math.Min(block.Length / 4, (halves.Length - start) / 2);
                for (int i = 0; i < count; i++, start += 2)
                {
                    System.Buffers.Binary.BinaryPrimitives.WriteSingleLittleEndian(
                        block.AsSpan(i * 4), (float)System.Buffers.Binary.BinaryPrimitives.ReadHalfLittleEndian(halves[start..]));
                }

                destination.Write(block, 0, count * 4);
            }
        }
    }
}
