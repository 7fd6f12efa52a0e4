namespace AlexNetMl.Export;

/// <summary>
/// The matrix that sums neighbouring channels, [channels, members]: torch's window reaches size/2 channels back and (size − 1)/2 on (LRN's the
/// other way round: equal for odd sizes only) and ends where its group of channels does.
/// </summary>
/// <param name="Size">Channels in a window.</param>
/// <param name="Value">What stands in the band.</param>
/// <param name="Channels">All channels.</param>
/// <param name="Members">Channels of a group.</param>
internal readonly record struct ChannelBand(long Size, float Value, long Channels, long Members)
{
    // Whole vectors of every processor that ONNX Runtime lays channels out for.
    private const long Block = 64;
    private const long Vector = 16;

    private long Back => Size / 2;

    private long On => (Size - 1) / 2;

    /// <summary>Whether a channel's window has another channel of its group in it.</summary>
    public bool Has(long channel, long other) => other >= channel - Back && other <= channel + On;

    /// <summary>The matrix, row-major.</summary>
    public float[] Matrix()
    {
        float[] matrix = new float[Channels * Members];
        for (long i = 0; i < matrix.Length; i++)
        {
            matrix[i] = Has(i / Members % Members, i % Members) ? Value : 0;
        }

        return matrix;
    }

    /// <summary>The same sums in blocks; null where these would save less than two products of five.</summary>
    public ChannelBlocks? Blocks()
    {
        if (Members != Channels || Channels % Block != 0 || Size > Block)
        {
            return null;
        }

        long borders = (Size - 1) * ((Channels / Block) - 1);
        long padded = (borders + Vector - 1) / Vector * Vector;
        return borders > 0 && 5 * (Block + (2 * padded)) <= 3 * Channels ? new ChannelBlocks(this, Block, padded) : null;
    }
}

/// <summary>
/// A band as a sum of its diagonal blocks and what crosses a border between two of them, which goes through the channels beside the border:
/// M = diagonal + place · pick. For 256 channels and windows of 5 that is 96 products a channel instead of 256.
/// </summary>
/// <param name="Band">What it equals.</param>
/// <param name="Block">Channels of a block.</param>
/// <param name="BorderChannels">Channels that are picked, with zeros up to whole vectors.</param>
internal sealed record ChannelBlocks(ChannelBand Band, long Block, long BorderChannels)
{
    /// <summary>The diagonal blocks, [channels, block].</summary>
    public float[] Diagonal()
    {
        float[] values = new float[Band.Channels * Block];
        for (long i = 0; i < values.Length; i++)
        {
            values[i] = Band.Has(i / Block % Block, i % Block) ? Band.Value : 0;
        }

        return values;
    }

    /// <summary>Ones that pick the channels beside borders, [border channels, channels].</summary>
    public float[] Pick()
    {
        float[] values = new float[BorderChannels * Band.Channels];
        for (long row = 0; row < BorderChannels; row++)
        {
            if (Source(row) is { } source)
            {
                values[(row * Band.Channels) + source] = 1;
            }
        }

        return values;
    }

    /// <summary>Where a picked channel counts in the next block, [channels, border channels].</summary>
    public float[] Place()
    {
        float[] values = new float[Band.Channels * BorderChannels];
        for (long i = 0; i < values.Length; i++)
        {
            long channel = i / BorderChannels;
            values[i] = Source(i % BorderChannels) is { } source && source / Block != channel / Block && Band.Has(channel, source) ? Band.Value : 0;
        }

        return values;
    }

    // A window sees back channels before a border from behind it, and on channels behind it from before.
    private long? Source(long row)
    {
        long seen = Band.Size - 1;
        long border = ((row / seen) + 1) * Block;
        return border < Band.Channels ? border - (Band.Size / 2) + (row % seen) : null;
    }
}
