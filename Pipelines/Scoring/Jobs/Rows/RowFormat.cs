using System.Buffers;

namespace AlexNetMl.Scoring;

/// <summary>How a job's rows are written. A row is one record that ends with a line feed, so that a torn one can be told.</summary>
internal abstract class RowFormat
{
    /// <summary>A record longer than this is none of ours.</summary>
    public const int LongestRecord = 16 << 20;

    /// <summary>The name in a job's description.</summary>
    public abstract string Name { get; }

    /// <summary>The bytes before the first row; often none.</summary>
    public virtual ReadOnlySpan<byte> Header => [];

    /// <summary>Writes one row.</summary>
    /// <param name="output">Takes the record, line feed included.</param>
    /// <param name="row">The picture's place in the whole input, from 0.</param>
    /// <param name="source">What the picture is called.</param>
    /// <param name="best">Classes and scores, finite ones, best first; empty on an error.</param>
    /// <param name="error">Null where there are scores.</param>
    public abstract void Write(IBufferWriter<byte> output, long row, string source, ReadOnlySpan<(string Label, float Score)> best, string? error);

    /// <summary>The length of the first record of <paramref name="bytes"/>, line feed included; 0 where it is not all there.</summary>
    public abstract int RecordLength(ReadOnlySpan<byte> bytes);

    /// <summary>Reads a whole record back; null where it is none.</summary>
    public abstract ReadRow? Read(ReadOnlySpan<byte> record);

    /// <summary>The format that a file's name asks for.</summary>
    /// <exception cref="ArgumentException">It asks for none.</exception>
    public static RowFormat Of(string path, int top) => Path.GetExtension(path).ToUpperInvariant() switch
    {
        ".JSONL" or ".NDJSON" => new JsonRows(),
        ".CSV" => new CsvRows(top),
        _ => throw new ArgumentException($"The output '{path}' ends in '{Path.GetExtension(path)}': name a .jsonl file for JSON Lines or a .csv file.", nameof(path)),
    };
}

/// <summary>What a written row says of itself.</summary>
internal readonly record struct ReadRow(long Row, string Source, bool IsError);
