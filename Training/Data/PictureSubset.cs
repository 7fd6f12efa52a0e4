using AlexNetMl.Imaging;

namespace AlexNetMl.Training;

/// <summary>Some of another set's pictures.</summary>
internal sealed class PictureSubset(PictureSet whole, int[] indices) : PictureSet
{
    public override IReadOnlyList<string> Classes => whole.Classes;

    public override int Count => indices.Length;

    public override int Label(int index) => whole.Label(indices[index]);

    public override string Name(int index) => whole.Name(indices[index]);

    public override string RelativeName(int index) => whole.RelativeName(indices[index]);

    public override RgbImage Load(int index) => whole.Load(indices[index]);

    public override void Load(int index, ImageBuffer picture) => whole.Load(indices[index], picture);

    internal override bool HoldsSquares => whole.HoldsSquares;

    internal override void RequireSquares(ImagePreprocessing preprocessing) => whole.RequireSquares(preprocessing);

    internal override ReadOnlySpan<byte> Square(int index, ImagePreprocessing preprocessing, SquareScratch scratch) =>
        whole.Square(indices[index], preprocessing, scratch);

    internal override IDisposable? Hold() => whole.Hold();
}
