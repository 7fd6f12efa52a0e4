using AlexNetMl.Onnx.Proto;

namespace AlexNetMl.Export;

/// <summary>Sums of neighbouring channels' squares as a 1×1 convolution.</summary>
/// <param name="Conv">The convolution that has the offset.</param>
/// <param name="Matrix">What it amounts to, [channels, members].</param>
/// <param name="Channels">All channels.</param>
/// <param name="Members">Channels of a group.</param>
internal sealed record BandedSums(NodeProto Conv, float[] Matrix, long Channels, long Members);

/// <summary>
/// A banded matrix in blocks, as OnnxExporter writes it for many channels: Add(Conv of the diagonal blocks, Conv place of Conv pick), the three over
/// the same squares.
/// </summary>
internal static class ResponseNormBlocks
{
    // The matrix is put together in memory.
    private const long MostChannels = 2048;

    public static BandedSums? Find(string x, string sums, GraphIndex index)
    {
        if (index.Producer(sums, "Add") is not { Input: [var left, var right] })
            return null;
        return Find(x, left, right, index) ?? Find(x, right, left, index);
    }

    private static BandedSums? Find(string x, string within, string across, GraphIndex index)
    {
        if (ResponseNormPattern.Sums(x, within, border: 0, index, uses: 2) is not { } diagonal
            || index.Producer(across, "Conv") is not { Input.Count: 2 } place || !IsPlain(place)
            || ResponseNormPattern.Sums(x, place.Input[0], border: 0, index, uses: 2) is not { Input.Count: 2 } pick || !IsPlain(pick)
            || index.Stored(diagonal.Input[1])?.Dims is not [long channels, long block, 1, 1] || channels > MostChannels || channels != block * ResponseNormPattern.Groups(diagonal)
            || index.Stored(pick.Input[1])?.Dims is not [long borders, var taken, 1, 1] || taken != channels
            || index.Stored(place.Input[1])?.Dims is not [var given, var held, 1, 1] || given != channels || held != borders
            || index.Floats(diagonal.Input[1]) is not { } blocks || index.Floats(pick.Input[1]) is not { } picks || index.Floats(place.Input[1]) is not { } places)
            return null;
        float[] matrix = new float[channels * channels];
        for (long i = 0; i < blocks.Length; i++)
        {
            long channel = i / block;
            matrix[(channel * channels) + (channel / block * block) + (i % block)] = blocks[i];
        }

        for (long row = 0; row < borders; row++)
        {
            // A row picks one channel, or none where rows were added for the processor's sake.
            int source = -1;
            for (int channel = 0; channel < channels; channel++)
            {
                if (picks[(row * channels) + channel] == 0)
                    continue;
                if (source >= 0 || picks[(row * channels) + channel] != 1)
                    return null;
                source = channel;
            }

            for (long channel = 0; source >= 0 && channel < channels; channel++)
                matrix[(channel * channels) + source] += places[(channel * borders) + row];
        }

        return new BandedSums(diagonal, matrix, channels, channels);
    }

    private static bool IsPlain(NodeProto conv)
        => GraphIndex.Has(conv, ("kernel_shape", [1, 1], true), ("strides", [1, 1], true), ("dilations", [1, 1], true), ("pads", [0, 0, 0, 0], true), ("group", [1], true));
}
