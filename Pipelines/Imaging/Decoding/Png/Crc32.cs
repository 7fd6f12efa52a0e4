using System.Buffers.Binary;

namespace AlexNetMl.Imaging;

/// <summary>CRC-32 of ISO 3309, as PNG's chunks carry it (ISO/IEC 15948, Annex D), four bytes a step.</summary>
internal static class Crc32
{
    private const uint Polynomial = 0xedb88320;
    private const int TableSize = 256;
    private static readonly uint[] Tables = MakeTables();

    internal static uint Compute(ReadOnlySpan<byte> data)
    {
        var tables = Tables;
        var crc = uint.MaxValue;
        while (data.Length >= 4)
        {
            crc ^= BinaryPrimitives.ReadUInt32LittleEndian(data);
            crc = tables[(3 * TableSize) + (byte)crc] ^ tables[(2 * TableSize) + (byte)(crc >> 8)]
                ^ tables[TableSize + (byte)(crc >> 16)] ^ tables[(int)(crc >> 24)];
            data = data[4..];
        }

        foreach (var value in data)
        {
            crc = tables[(byte)(crc ^ value)] ^ (crc >> 8);
        }

        return ~crc;
    }

    // Table n takes a byte n steps further than table 0.
    private static uint[] MakeTables()
    {
        var tables = new uint[4 * TableSize];
        for (var i = 0; i < TableSize; i++)
        {
            var crc = (uint)i;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) != 0 ? Polynomial ^ (crc >> 1) : crc >> 1;
            }

            tables[i] = crc;
        }

        for (var i = TableSize; i < tables.Length; i++)
        {
            var shorter = tables[i - TableSize];
            tables[i] = tables[shorter & 0xff] ^ (shorter >> 8);
        }

        return tables;
    }
}
