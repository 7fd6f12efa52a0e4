using System.Security.Cryptography;
using AlexNetMl.Imaging;
using AlexNetMl.Training;
using Microsoft.Win32.SafeHandles;

namespace AlexNetMl.Trainers;

/// <summary>Pictures one after the other, encoded or as pixels, in a temporary file that goes away with this object, or with the process.</summary>
internal sealed class PictureSpool(string folder, string column) : IDisposable
{
    private readonly SafeFileHandle _file = File.OpenHandle(
        Path.Combine(folder, $"pictures-{Guid.NewGuid():N}"), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, FileOptions.DeleteOnClose | FileOptions.RandomAccess);

    private readonly List<Entry> _entries = [];
    private long _length;

    /// <summary>Appends an encoded picture.</summary>
    public void Add(long row, int label, ReadOnlySpan<byte> encoded) => Append(row, label, encoded, 0, 0);

    /// <summary>Appends a decoded picture, three bytes a pixel.</summary>
    public void Add(long row, int label, RgbImage image) => Append(row, label, image.Pixels, image.Width, image.Height);

    private void Append(long row, int label, ReadOnlySpan<byte> bytes, int width, int height)
    {
        RandomAccess.Write(_file, bytes, _length);
        _entries.Add(new Entry(row, label, _length, bytes.Length, width, height, Convert.ToHexStringLower(SHA256.HashData(bytes))));
        _length += bytes.Length;
    }

    /// <summary>The set of all that were appended. It owns the file.</summary>
    public PictureSet Finish(IReadOnlyList<string> classes) => new SpooledPictures(this, classes);

    public void Dispose() => _file.Dispose();

    // A width of 0 is that of an encoded picture.
    private readonly record struct Entry(long Row, int Label, long Offset, int Length, int Width, int Height, string Hash);

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
            byte[] bytes = GC.AllocateUninitializedArray<byte>(entry.Length);
            for (int read = 0; read < bytes.Length;)
            {
                int count = RandomAccess.Read(spool._file, bytes.AsSpan(read), entry.Offset + read);
                read += count > 0 ? count : throw new EndOfStreamException($"{Name(index)}: the temporary file of pictures ends early.");
            }
            if (entry.Width > 0)
                return new RgbImage(entry.Width, entry.Height, bytes);
            try
            {
                return ImageDecoders.Default.Decode(bytes);
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
