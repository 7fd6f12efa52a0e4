using Microsoft.ML.OnnxRuntime;

namespace AlexNetMl.Scoring;

/// <summary>Arrays of rows as ONNX Runtime's tensors, and back.</summary>
internal static class TensorValues
{
    public static OrtValue ToOrt(TensorPort port, Array rows, int count) => rows switch
    {
        _ when rows.GetType().GetElementType() != port.ElementType || rows.Length < (long)count * port.RowLength => throw new ArgumentException(
            $"The input '{port.Name}' takes {(long)count * port.RowLength} elements of type {port.ElementType.Name}; an array {rows.GetType().GetElementType()?.Name}[{rows.Length}] was given."),
        string[] texts => Texts(port, texts, count),
        float[] values => Numbers(port, values, count),
        double[] values => Numbers(port, values, count),
        sbyte[] values when port.ElementType == typeof(sbyte) => Numbers(port, values, count),
        byte[] values when port.ElementType == typeof(byte) => Numbers(port, values, count),
        short[] values when port.ElementType == typeof(short) => Numbers(port, values, count),
        ushort[] values when port.ElementType == typeof(ushort) => Numbers(port, values, count),
        int[] values when port.ElementType == typeof(int) => Numbers(port, values, count),
        uint[] values when port.ElementType == typeof(uint) => Numbers(port, values, count),
        long[] values when port.ElementType == typeof(long) => Numbers(port, values, count),
        ulong[] values when port.ElementType == typeof(ulong) => Numbers(port, values, count),
        bool[] values => Numbers(port, values, count),
        _ => throw new ArgumentException($"The input '{port.Name}' has elements of type {port.ElementType.Name}, which cannot be given."),
    };

    public static Array FromOrt(string model, TensorPort port, OrtValue value, int rows)
    {
        OrtTensorTypeAndShapeInfo info = value.GetTensorTypeAndShape();
        if (info.Shape.Length == 0 || info.Shape[0] != rows)
        {
            throw new OnnxScoringException(
                $"The output '{port.Name}' of '{model}' came out as [{string.Join(", ", info.Shape)}] for a batch of {rows}: its first axis is not the batch, so the model cannot "
                + "score rows together. Score row by row with ApplyOnnxModel.");
        }

        Type type = port.ElementType;
        return type == typeof(string) ? value.GetStringTensorAsArray()
            : type == typeof(float) ? value.GetTensorDataAsSpan<float>().ToArray()
            : type == typeof(double) ? value.GetTensorDataAsSpan<double>().ToArray()
            : type == typeof(sbyte) ? value.GetTensorDataAsSpan<sbyte>().ToArray()
            : type == typeof(byte) ? value.GetTensorDataAsSpan<byte>().ToArray()
            : type == typeof(short) ? value.GetTensorDataAsSpan<short>().ToArray()
            : type == typeof(ushort) ? value.GetTensorDataAsSpan<ushort>().ToArray()
            : type == typeof(int) ? value.GetTensorDataAsSpan<int>().ToArray()
            : type == typeof(uint) ? value.GetTensorDataAsSpan<uint>().ToArray()
            : type == typeof(long) ? value.GetTensorDataAsSpan<long>().ToArray()
            : type == typeof(ulong) ? value.GetTensorDataAsSpan<ulong>().ToArray()
            : value.GetTensorDataAsSpan<bool>().ToArray();
    }

    private static long[] Shape(TensorPort port, int rows) => [rows, .. port.RowShape!.Select(axis => (long)axis)];

    private static OrtValue Numbers<T>(TensorPort port, T[] values, int rows)
        where T : unmanaged
        => OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, values.AsMemory(0, rows * port.RowLength), Shape(port, rows));

    private static OrtValue Texts(TensorPort port, string[] texts, int rows)
    {
        OrtValue value = OrtValue.CreateTensorWithEmptyStrings(OrtAllocator.DefaultInstance, Shape(port, rows));
        for (int i = 0; i < rows * port.RowLength; i++)
        {
            value.StringTensorSetElementAt(texts[i].AsSpan(), i);
        }

        return value;
    }
}
