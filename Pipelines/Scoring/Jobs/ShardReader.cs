using System.Security.Cryptography;
using System.Text;

namespace AlexNetMl.Scoring;

/// <summary>A batch of a shard on its way to the network.</summary>
/// <param name="FirstRow">Its first picture's place in the whole input.</param>
/// <param name="Pictures">A full batch; fewer at the end of the input; none in the last block, which only says that the end has come.</param>
/// <param name="Done">How many of them stand in the output already.</param>
/// <param name="Read">Hash over the sources of the input up to the last of them.</param>
/// <param name="End">Where the input's end has been seen: its rows and the hash over all of their sources.</param>
internal sealed record ShardBlock(long FirstRow, ListedPicture[] Pictures, int Done, string Read, (long Total, string Input)? End);

/// <summary>Reads a list, keeps one shard's batches and leaves out what is done, after it has proved that the list is the one that was done.</summary>
internal sealed class ShardReader(PictureList list, JobShard shard, int batch, JobOutput output)
{
    private readonly JobState _certain = output.Certain;
    private readonly long _done = output.Begin.Rows;

    /// <summary>The batches that are not done. Where the end of the list was seen before, none comes before the whole list has been compared with that.</summary>
    public IEnumerable<ShardBlock> Blocks(CancellationToken cancellationToken)
    {
        // Few: all but the last batches were written when the end was seen.
        IEnumerable<ShardBlock> blocks = Read(cancellationToken);
        return _certain.Total is null ? blocks : blocks.ToList();
    }

    private IEnumerable<ShardBlock> Read(CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var pictures = new List<ListedPicture>(batch);
        long rows = 0, own = 0;
        foreach (ListedPicture picture in list.Read())
        {
            cancellationToken.ThrowIfCancellationRequested();
            Append(hash, picture.Source);
            rows++;
            if (rows > _certain.Total)
            {
                throw Changed($"it had {_certain.Total} pictures and has more");
            }

            bool mine = (rows - 1) / batch % shard.Count == shard.Index;
            if (mine)
            {
                CheckTail(own++, picture.Source);
                pictures.Add(picture);
            }

            if (mine && rows % batch == 0)
            {
                if (Block(rows, own, pictures, hash, end: null) is { } block)
                {
                    yield return block;
                }

                pictures.Clear();
            }
        }

        (long Total, string Input) all = (rows, Current(hash));
        CheckEnd(all, own);
        if (Block(rows, own, pictures, hash, all) is { } last)
        {
            yield return last;
        }

        yield return new ShardBlock(rows, [], 0, all.Input, all);
    }

    private ShardBlock? Block(long rows, long own, List<ListedPicture> pictures, IncrementalHash hash, (long, string)? end)
    {
        if (own == _certain.Rows && !_certain.Complete && own > 0 && Current(hash) != _certain.Read)
        {
            throw Changed($"its first {rows} pictures are others, or in another order");
        }

        long first = own - pictures.Count;
        return own <= _done ? null : new ShardBlock(rows - pictures.Count, [.. pictures], (int)Math.Max(0, _done - first), Current(hash), end);
    }

    private void CheckTail(long own, string source)
    {
        if (own >= _certain.Rows && own < _done && output.Tail[(int)(own - _certain.Rows)] != source)
        {
            throw Changed($"where '{output.Tail[(int)(own - _certain.Rows)]}' was, there is '{source}'");
        }
    }

    private void CheckEnd((long Total, string Input) all, long own)
    {
        if (all.Total < _certain.Total)
        {
            throw Changed($"it had {_certain.Total} pictures and has {all.Total}");
        }

        if (_certain.Input is { } input && input != all.Input)
        {
            throw Changed("its pictures are others, or in another order");
        }

        if (own < _done)
        {
            throw Changed($"it ends after {all.Total} pictures, although more were scored");
        }
    }

    private ScoringJobException Changed(string how) =>
        new($"The {list.Description} is not the input that was begun with: {how}; put the old input back, or score this one into another output.");

    private static void Append(IncrementalHash hash, string source)
    {
        Span<byte> buffer = stackalloc byte[512];
        int length = Encoding.UTF8.GetMaxByteCount(source.Length) + 1;
        Span<byte> bytes = length <= buffer.Length ? buffer : new byte[length];
        int used = Encoding.UTF8.GetBytes(source, bytes);

        // A name may hold a line feed, never a zero byte; one that does is no file's.
        bytes[used] = 0;
        hash.AppendData(bytes[..(used + 1)]);
    }

    private static string Current(IncrementalHash hash) => Convert.ToHexStringLower(hash.GetCurrentHash());
}
