using System.Security.Cryptography;
using AlexNetMl.Imaging;
using AlexNetMl.Training;
using Microsoft.Win32.SafeHandles;

namespace AlexNetMl.Trainers;

/// <summary>Encoded pictures one after the other in a temporary file that goes away with this object, or with the process.</summary>
internal sealed class PictureSpool(string folder, string column) : IDisposable
{
    private readonly SafeFileHandle _file = File.OpenHandle(
        Path.Combine(folder, $"pictures-{Guid.NewGuid():N}"), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, FileOptions.DeleteOnClose | FileOptions.RandomAccess);

    private readonly List<Entry> _entries = [];
    private long _length;

    /// <summary>Appends a picture.</summary>
    public void Add(long row, int label, ReadOnlySpan<byte> encoded)
    {
        RandomAccess.Write(_file, encoded, _length);
        _entries.Add(new Entry(row, label, _length, encoded.Length, Convert.ToHexStringLower(SHA256.HashData(encoded))));
        _length += encoded.Length;
    }

    /// <summary>The set of all that were appended. It owns the file.</summary>
    public PictureSet Finish(IReadOnlyList<string> classes) => new SpooledPictures(this, classes);

    public void Dispose() => _file.Dispose();

    private readonly record struct Entry(long Row, int Label, long Offset, int Length, string Hash);

    private sealed class SpooledPictures(PictureSpool spool, IReadOnlyList<string> classes) : PictureSet, IDisposable
    {
        public override IReadOnlyList<string> Classes => classes;

        public override int Count => spool._entries.Count;

        public override int Label(int index) => spool._entries[index].Label;

        public override string Name(int index) => $"row {spool._entries[index].Row} of the column '{spool.Column}'";

        // A resumed run has to see the same pictures, wherever they come from.
        public override string RelativeName(int index) => spool._entries[index].Hash;

        public override RgbImage Load(int index)
        {
            Entry entry = spool._entries[index];
            byte[] encoded = GC.AllocateUninitializedArray<byte>(entry.Length);
            for (int read = 0; read < encoded.Length;)
            {
                int count = RandomAccess.Read(spool._file, encoded.AsSpan(read), entry.Offset + read);
                read += count > 0 ? count : throw new EndOfStreamException($"{Name(index)}: the temporary file of pictures ends early.");
            }
            try
            {
                return ImageDecoders.Default.Decode(encoded);
            }
            catch (ImageFormatException error)
            {
                throw new ImageFormatException($"{Name(index)}: {error.Message}", error);
            }
        }

        public void Dispose() => spool.Dispose();
    }

    private string Column => column;
}
