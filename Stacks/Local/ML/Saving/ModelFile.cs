using System.Security.Cryptography;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>
/// The Local stack's own model file, which the real package does not read, nor this the real one's: 8 bytes <c>LOCALML</c> and 0, the version as a 32-bit
/// number, the SHA-256 of all that follows, then whether a schema comes, the schema, and the transformer.
/// </summary>
internal static class ModelFile
{
    private const int Version = 1;
    private const int DeepestNesting = 64;

    private static ReadOnlySpan<byte> Magic => "LOCALML\0"u8;

    private static int HeaderLength => Magic.Length + sizeof(int) + SHA256.HashSizeInBytes;

    internal static byte[] Write(ITransformer model, DataViewSchema schema)
    {
        var content = new ModelWriter();
        content.Flag(schema is not null);
        if (schema is not null)
        {
            content.Write(schema);
        }
        content.Component(model);
        byte[] body = content.ToArray();
        return [.. Magic, .. BitConverter.GetBytes(Version), .. SHA256.HashData(body), .. body];
    }

    internal static ITransformer Read(byte[] file, IHostEnvironmentInternal environment, out DataViewSchema schema)
    {
        if (!file.AsSpan().StartsWith(Magic))
        {
            throw new FormatException(file.AsSpan().StartsWith("PK"u8)
                ? "This is a model file of the real ML.NET, which the Local stack does not read: build with MLStack=NuGet to load it."
                : "This is no model file of the Local stack.");
        }
        if (file.Length < HeaderLength)
        {
            throw ModelReader.Damaged("it ends early");
        }
        int version = BitConverter.ToInt32(file, Magic.Length);
        if (version != Version)
        {
            throw new FormatException($"The model file has version {version}; this program reads version {Version}.");
        }
        ReadOnlyMemory<byte> body = file.AsMemory(HeaderLength);
        if (!SHA256.HashData(body.Span).AsSpan().SequenceEqual(file.AsSpan(HeaderLength - SHA256.HashSizeInBytes, SHA256.HashSizeInBytes)))
        {
            throw ModelReader.Damaged("its checksum is not that of its content");
        }
        var reader = new ModelReader(body, environment, DeepestNesting);
        ITransformer model = null;
        try
        {
            schema = reader.Flag() ? reader.ReadSchema() : null;
            model = reader.Component();
            reader.End();
            return model;
        }
        catch (Exception failure) when (failure is ArgumentException or OverflowException)
        {
            // A name, a size or a type that no transformer could have been made with.
            (model as IDisposable)?.Dispose();
            throw new FormatException($"The model file is damaged: {failure.Message}", failure);
        }
    }
}
