using AlexNetMl.Imaging;

namespace AlexNetMl.Training;

/// <summary>What one thread needs to make a picture's square, used again for the next picture. Empty for sets that hold squares.</summary>
internal sealed class SquareScratch
{
    private byte[] _square = [];

    /// <summary>The decoded picture.</summary>
    internal ImageBuffer Picture { get; } = new();

    /// <summary>Room for a square of that many bytes.</summary>
    internal Span<byte> Square(int length)
    {
        if (_square.Length != length)
            _square = new byte[length];
        return _square;
    }
}
