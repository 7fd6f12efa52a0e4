using System.Buffers.Binary;
using System.IO.Compression;

namespace AlexNetMl.Samples;

/// <summary>MNIST's file format, gzipped: two zero bytes, type 8 (unsigned byte), rank, the dimensions as big-endian int32, then the values.</summary>
public static class IdxFile
{
    private const int MaxImages = 100_000;

    /// <summary>Reads a file of bytes.</summary>
    /// <exception cref="InvalidDataException">It is not such a file.</exception>
    public static (byte[] Values, int[] Dimensions) Read(string path, int rank)
    {
        using var stream = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
        var header = new byte[4 + (4 * rank)];
        try
        {
            stream.ReadExactly(header);
            var dimensions = new int[rank];
            long length = 1;
            for (int i = 0; i < rank; i++)
            {
                dimensions[i] = BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(4 + (4 * i)));
                if (dimensions[i] < 1 || dimensions[i] > (i == 0 ? MaxImages : 256))
                {
                    throw new InvalidDataException($"{path}: dimension {i} is {dimensions[i]}; this is not a Fashion-MNIST file.");
                }

                length *= dimensions[i];
            }

            if (header[0] != 0 || header[1] != 0 || header[2] != 8 || header[3] != rank)
            {
                throw new InvalidDataException($"{path}: not an IDX file of {rank} dimensions of bytes; install the data set again.");
            }

            var values = new byte[length];
            stream.ReadExactly(values);
            return (values, dimensions);
        }
        catch (EndOfStreamException)
        {
            throw new InvalidDataException($"{path}: the file ends early; install the data set again.");
        }
    }
}
