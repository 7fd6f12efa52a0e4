using AlexNetMl.Imaging;
using AlexNetMl.Scoring;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace AlexNetMl.Pipelines.Tests;

/// <summary>Pictures as paths, bytes and images.</summary>
[TestClass]
public sealed class PictureColumnTests : IDisposable
{
    private readonly ColourNetwork _network = new();
    private readonly MLContext _ml = new(seed: 1);

    public void Dispose() => _network.Dispose();

    [TestMethod]
    public void Bytes_score_as_their_files_do()
    {
        PictureRow[] pictures = _network.Pictures(11);
        IDataView variable = _ml.Data.LoadFromEnumerable(pictures.Select(picture => new BytesRow { Number = picture.Number, Picture = File.ReadAllBytes(picture.ImagePath) }).ToArray());
        Check(variable, "Picture", 11);

        int length = File.ReadAllBytes(pictures[0].ImagePath).Length;
        SchemaDefinition definition = SchemaDefinition.Create(typeof(BytesRow));
        definition["Picture"].ColumnType = new VectorDataViewType(NumberDataViewType.Byte, length);
        IDataView known = _ml.Data.LoadFromEnumerable([new BytesRow { Number = 0, Picture = File.ReadAllBytes(pictures[0].ImagePath) }], definition);
        Check(known, "Picture", 1);
    }

    [TestMethod]
    public void Images_score_as_their_files_do()
    {
        IDataView data = ColourNetwork.Load(_ml, _network.Pictures(11));
        IDataView loaded = _ml.Transforms.LoadImages("Image", string.Empty, "ImagePath").Fit(data).Transform(data);
        Check(loaded, "Image", 11);
    }

    [TestMethod]
    public void Images_of_the_caller_s_own_are_left_alone_and_may_be_any_size_and_order()
    {
        ImageRow[] rows = [.. Enumerable.Range(0, 7).Select(number => new ImageRow { Number = number, Image = Image(number, number % 2 == 0, number == 3 ? 1200 : 9 + number) })];
        IDataView data = _ml.Data.LoadFromEnumerable(rows);
        Check(data, "Image", 7);
        Array.ForEach(rows, row => Assert.IsGreaterThan(0, row.Image!.Pixels.Length, "not disposed"));
    }

    [TestMethod]
    public void Rows_without_a_picture_are_invalid_pictures()
    {
        var options = new OnnxImageScorerOptions { OnInvalidImage = InvalidImageHandling.Mark };
        PictureRow picture = _network.Picture(1);
        IDataView images = _ml.Data.LoadFromEnumerable((ImageRow[])[new() { Number = 1, Image = Image(1, true, 8) }, new() { Number = 2 }]);
        IDataView bytes = _ml.Data.LoadFromEnumerable(
            (BytesRow[])[new() { Number = 1, Picture = File.ReadAllBytes(picture.ImagePath) }, new() { Number = 2 }, new() { Number = 3, Picture = [1, 2, 3] }]);
        foreach ((IDataView data, string column) in ((IDataView, string)[])[(images, "Image"), (bytes, "Picture")])
        {
            using OnnxImageScoringTransformer transformer = _ml.Transforms.ScoreOnnxImages(_network.Model, column, options).Fit(data);
            MarkedRow[] rows = [.. _ml.Data.CreateEnumerable<MarkedRow>(transformer.Transform(data), reuseRowObject: false)];
            Assert.AreEqual(string.Empty, rows[0].Error);
            Assert.AreEqual(ColourNetwork.Expected(1)[1], rows[0].Score[1], 1e-6);
            foreach (MarkedRow row in rows.Skip(1))
            {
                StringAssert.Contains(row.Error, $"column '{column}', row {row.Number - 1}");
                Assert.AreEqual(0u, row.PredictedLabel);
            }
        }
    }

    [TestMethod]
    public void What_stands_before_an_image_is_computed_once_unless_the_image_itself_is_asked_for()
    {
        int loaded = 0;
        IDataView data = ColourNetwork.Load(_ml, _network.Pictures(6));
        IDataView images = _ml.Transforms.CustomMapping<PathOnly, ImageOnly>(
            (from, to) =>
            {
                loaded++;
                to.Image = Image(int.Parse(Path.GetFileNameWithoutExtension(from.ImagePath)), true, 8);
            },
            contractName: null!).Fit(data).Transform(data);
        using OnnxImageScoringTransformer transformer = _ml.Transforms.ScoreOnnxImages(_network.Model, "Image").Fit(images);
        IDataView scored = transformer.Transform(images);
        using (DataViewRowCursor cursor = scored.GetRowCursor(scored.Schema.Where(column => column.Name != "Image")))
        {
            while (cursor.MoveNext())
            {
            }
        }

        Assert.AreEqual(6, loaded);
        using DataViewRowCursor all = scored.GetRowCursor(scored.Schema);
        ValueGetter<MLImage> getter = all.GetGetter<MLImage>(scored.Schema["Image"]);
        MLImage image = null!;
        while (all.MoveNext())
        {
            getter(ref image);
            Assert.AreEqual(8, image.Width);
        }

        Assert.AreEqual(18, loaded);
    }

    private void Check(IDataView data, string column, int count)
    {
        using OnnxImageScoringTransformer transformer = _ml.Transforms.ScoreOnnxImages(_network.Model, column, new OnnxImageScorerOptions { BatchSize = 4 }).Fit(data);
        ScoredRow[] rows = [.. _ml.Data.CreateEnumerable<ScoredRow>(transformer.Transform(data), reuseRowObject: false, ignoreMissingColumns: true)];
        Assert.HasCount(count, rows);
        foreach (ScoredRow row in rows)
        {
            for (int i = 0; i < row.Score.Length; i++)
            {
                Assert.AreEqual(ColourNetwork.Expected(row.Number)[i], row.Score[i], 1e-6);
            }
        }
    }

    private static MLImage Image(int number, bool rgba, int side)
    {
        byte[] colour = ColourNetwork.Colour(number);
        byte[] pixel = rgba ? [colour[0], colour[1], colour[2], 255] : [colour[2], colour[1], colour[0], 255];
        byte[] pixels = [.. Enumerable.Repeat(pixel, side * (side + 1)).SelectMany(value => value)];
        return MLImage.CreateFromPixels(side, side + 1, rgba ? MLPixelFormat.Rgba32 : MLPixelFormat.Bgra32, pixels);
    }

    private sealed class BytesRow
    {
        public int Number { get; set; }

        public byte[] Picture { get; set; } = [];
    }

    private sealed class ImageRow
    {
        public int Number { get; set; }

        [ImageType(8, 8)]
        public MLImage? Image { get; set; }
    }

    private sealed class PathOnly
    {
        public string ImagePath { get; set; } = string.Empty;
    }

    private sealed class ImageOnly
    {
        [ImageType(8, 8)]
        public MLImage? Image { get; set; }
    }
}
