using AlexNetMl.Onnx.Proto;
using DataType = AlexNetMl.Onnx.Proto.TensorProto.Types.DataType;

namespace AlexNetMl.Onnx;

/// <summary>
/// Weights stored in half precision, computed with in float32: each weight is followed by a Cast, which ONNX Runtime folds into a float32
/// weight when it loads the file, on every provider. The file is half as long; speed, and everything but the weights' last bits, stays.
/// </summary>
public static class Float16Weights
{
    /// <summary>The largest number that half precision holds.</summary>
    public const float Largest = 65504;

    // Below this, half precision is subnormal or close to it for the whole tensor, and its eleven bits would not be there.
    private const float Smallest = 1f / (1 << 13);

    /// <summary>
    /// The same model with its convolutions' and fully connected layers' weights in half precision. Biases, other constants, the banded matrix
    /// of a local response normalisation (whose squares need float32) and tensors with no value of 2⁻¹³ or more stay float32.
    /// </summary>
    /// <param name="model">A float32 model.</param>
    /// <returns>A model over the same sources: weights are converted while the file is written.</returns>
    /// <exception cref="OnnxFormatException">A weight is not finite or beyond ±65504; the message names it.</exception>
    public static OnnxModel Convert(OnnxModel model)
    {
        var edit = new GraphEdit(model);
        HashSet<string> weights = [.. edit.Graph.Node.SelectMany(node => Weights(node, edit))];
        var casts = new List<NodeProto>();
        for (int i = 0; i < edit.Initializers.Count; i++)
        {
            IOnnxTensorSource source = edit.Initializers[i];
            if (source.ElementType != DataType.Float || !weights.Contains(source.Name) || LargestMagnitude(source) < Smallest)
            {
                continue;
            }

            // The Cast's result takes over the weight's name, so that no other node changes.
            string half = edit.Fresh($"{source.Name}.fp16");
            edit.Initializers[i] = new HalfSource(half, source);
            edit.Graph.ValueInfo.Add(GraphEdit.Info(source.Name, DataType.Float, [.. source.Dimensions.Select(OnnxDimension.Fixed)]));
            casts.Add(GraphEdit.Node("Cast", [half], source.Name, OnnxAttribute.Int("to", (long)DataType.Float)));
        }

        edit.Prepend(casts);
        return edit.ToModel();
    }

    private static IEnumerable<string> Weights(NodeProto node, GraphEdit edit)
    {
        bool weighted = GraphEdit.IsStandard(node) && node.OpType is "Conv" or "ConvTranspose" or "Gemm" or "MatMul" && node.Input.Count > 1;
        return !weighted || SquaresGraph.TakesSquares(node, edit) ? [] : node.Input.Take(2);
    }

    private static float LargestMagnitude(IOnnxTensorSource source)
    {
        float largest = 0;
        using (var scan = new FloatStream(values =>
        {
            foreach (float value in values)
            {
                largest = MathF.Max(largest, MathF.Abs(value)); // MathF.Max hands a NaN on
            }
        }))
        {
            OnnxModelWriter.CopyExactly(source, scan);
        }

        return largest <= Largest
            ? largest
            : throw new OnnxFormatException(
                $"The weight '{source.Name}' holds {largest}; half precision ends at {Largest}, so keep this network in float32 or scale the layer down.");
    }

    private sealed class HalfSource(string name, IOnnxTensorSource source) : IOnnxTensorSource
    {
        public string Name => name;

        public DataType ElementType => DataType.Float16;

        public IReadOnlyList<long> Dimensions => source.Dimensions;

        public long ByteLength => source.ByteLength / 2;

        public void WriteTo(Stream destination)
        {
            ArgumentNullException.ThrowIfNull(destination);
            byte[] bytes = new byte[FloatStream.BlockLength * 2];
            using var convert = new FloatStream(values =>
            {
                for (int i = 0; i < values.Length; i++)
                {
                    BitConverter.TryWriteBytes(bytes.AsSpan(i * 2), (Half)values[i]);
                    if (!BitConverter.IsLittleEndian)
                    {
                        bytes.AsSpan(i * 2, 2).Reverse();
                    }
                }

                destination.Write(bytes, 0, values.Length * 2);
            });
            OnnxModelWriter.CopyExactly(source, convert);
        }
    }
}
