using AlexNetMl.Pipelines;
using AlexNetMl.Training;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace AlexNetMl.Trainers;

/// <summary>Labelled pictures read from a data view.</summary>
/// <param name="Pictures">Those whose label is a class, in the order of the rows.</param>
/// <param name="Rows">Rows of the data view.</param>
/// <param name="WithoutClass">Rows left out, since their label is missing or no class of the network.</param>
/// <param name="WithoutPicture">Rows left out, since they hold no path or no bytes and broken pictures are skipped.</param>
internal sealed record RowPictures(PictureSet Pictures, long Rows, long WithoutClass, long WithoutPicture) : IDisposable
{
    public void Dispose() => (Pictures as IDisposable)?.Dispose();

    /// <summary>
    /// Reads the two columns once. Of paths only the text is kept; pictures that stand in the rows go to a temporary file, since training
    /// takes them in another order every epoch.
    /// </summary>
    /// <param name="data">The rows.</param>
    /// <param name="options">Names of the columns, and what happens to a row without a picture.</param>
    /// <param name="classes">The network's classes.</param>
    /// <param name="folder">A folder for the temporary file.</param>
    /// <param name="what">What the rows are called in messages.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of a wrong type.</exception>
    /// <exception cref="InvalidOperationException">No row has both label and picture, or one lacks a picture and is not to be skipped.</exception>
    public static RowPictures Read(IDataView data, NetworkTrainerOptions options, IReadOnlyList<string> classes, string folder, string what)
    {
        DataViewSchema.Column label = LabelColumn.Find(data.Schema, options.LabelColumnName, nameof(data));
        DataViewSchema.Column image = PictureColumn.Find(data.Schema, options.ImageColumnName, nameof(data), NetworkTrainingEstimator.ImageRemedy);
        int[] classOfKey = ClassOfKey(LabelColumn.Classes(label), classes);
        using DataViewRowCursor cursor = data.GetRowCursor([label, image]);
        ValueGetter<uint> key = cursor.GetGetter<uint>(label);
        IRowPictureReader reader = image.Type switch
        {
            TextDataViewType => new PathReader(cursor, image),
            VectorDataViewType => new BytesReader(cursor, image, folder),
            _ => new ImageReader(cursor, image, folder),
        };
        try
        {
            long rows = 0, withoutClass = 0, withoutPicture = 0;
            uint value = 0;
            for (; cursor.MoveNext(); rows++)
            {
                options.CancellationToken.ThrowIfCancellationRequested();
                key(ref value);
                if (value == 0 || value > classOfKey.Length || classOfKey[value - 1] < 0)
                    withoutClass++;
                else if (!reader.TryAdd(rows, classOfKey[value - 1]))
                    withoutPicture++;
                if (withoutPicture > 0 && options.OnBrokenImage == BrokenImageHandling.Stop)
                    throw new InvalidOperationException($"Row {rows} of the {what} has nothing in the column '{image.Name}': give it a picture, drop the row, or have OnBrokenImage skip such rows.");
            }
            if (rows == 0)
                throw new InvalidOperationException($"The {what} has no rows: there is nothing to learn from.");
            if (withoutClass == rows)
                throw new InvalidOperationException($"None of the {rows} rows of the {what} has a label that is a class of the network: all keys of '{label.Name}' are missing or unknown.");
            if (withoutClass + withoutPicture == rows)
                throw new InvalidOperationException($"No row of the {what} with a label has anything in the column '{image.Name}'.");
            return new RowPictures(reader.Finish(classes), rows, withoutClass, withoutPicture);
        }
        catch
        {
            reader.Dispose();
            throw;
        }
    }

    private static int[] ClassOfKey(IReadOnlyList<string> values, IReadOnlyList<string> classes)
    {
        var numbers = classes.Index().ToDictionary(pair => pair.Item, pair => pair.Index, StringComparer.Ordinal);
        return [.. values.Select(value => numbers.GetValueOrDefault(value, -1))];
    }

    /// <summary>Takes in the pictures of rows.</summary>
    private interface IRowPictureReader : IDisposable
    {
        /// <summary>Takes the cursor's row; false where it holds nothing.</summary>
        bool TryAdd(long row, int label);

        /// <summary>All that were taken in; from then on the set is what is to be disposed of.</summary>
        PictureSet Finish(IReadOnlyList<string> classes);
    }

    /// <summary>Paths. The set is that of a folder of class folders, so that a run can be resumed by the console tool and the other way round.</summary>
    private sealed class PathReader(DataViewRowCursor cursor, DataViewSchema.Column column) : IRowPictureReader
    {
        private readonly ValueGetter<ReadOnlyMemory<char>> _getter = cursor.GetGetter<ReadOnlyMemory<char>>(column);
        private readonly List<LabeledImage> _images = [];
        private ReadOnlyMemory<char> _path;

        public bool TryAdd(long row, int label)
        {
            _getter(ref _path);
            if (_path.Span.IsWhiteSpace())
                return false;
            _images.Add(new LabeledImage(_path.ToString(), label));
            return true;
        }

        public PictureSet Finish(IReadOnlyList<string> classes) => new ImageFolder(classes, _images);

        public void Dispose()
        {
        }
    }

    /// <summary>Encoded pictures.</summary>
    private sealed class BytesReader(DataViewRowCursor cursor, DataViewSchema.Column column, string folder) : IRowPictureReader
    {
        private readonly ValueGetter<VBuffer<byte>> _getter = cursor.GetGetter<VBuffer<byte>>(column);
        private readonly PictureSpool _spool = new(folder, column.Name);
        private VBuffer<byte> _bytes;

        public bool TryAdd(long row, int label)
        {
            _getter(ref _bytes);
            if (_bytes.Length == 0)
                return false;
            if (_bytes.IsDense)
                _spool.Add(row, label, _bytes.GetValues());
            else
                _spool.Add(row, label, [.. _bytes.DenseValues()]);
            return true;
        }

        public PictureSet Finish(IReadOnlyList<string> classes) => _spool.Finish(classes);

        public void Dispose() => _spool.Dispose();
    }

    /// <summary>Decoded pictures, which belong to the row and are gone with it.</summary>
    private sealed class ImageReader(DataViewRowCursor cursor, DataViewSchema.Column column, string folder) : IRowPictureReader
    {
        private readonly ValueGetter<MLImage> _getter = cursor.GetGetter<MLImage>(column);
        private readonly PictureSpool _spool = new(folder, column.Name);
        private MLImage? _image;

        public bool TryAdd(long row, int label)
        {
            _getter(ref _image!);
            if (_image is null)
                return false;
            _spool.Add(row, label, MLImagePixels.Copy(_image));
            return true;
        }

        public PictureSet Finish(IReadOnlyList<string> classes) => _spool.Finish(classes);

        public void Dispose() => _spool.Dispose();
    }
}
