using Microsoft.ML;
using Microsoft.ML.Data;

namespace AlexNetMl.Stacks.Tests.ML;

[TestClass]
public sealed class CustomMappingTests
{
    [TestMethod]
    public void Outputs_are_computed_from_the_row_they_stand_in()
    {
        var ml = new MLContext();
        IDataView source = ml.Data.LoadFromEnumerable(TextRow.Of("a", "bb", "ccc"));
        IDataView data = ml.Transforms.CustomMapping<TextRow, Measured>(
            (from, to) =>
            {
                to.Length = from.Text.Length;
                to.Letters = [.. from.Text.Select(letter => (float)letter)];
                to.Upper = from.Text.ToUpperInvariant();
            }, contractName: null).Fit(source).Transform(source);
        CollectionAssert.AreEqual((int[])[1, 2, 3], data.GetColumn<int>("Length").ToArray());
        CollectionAssert.AreEqual((string[])["A", "BB", "CCC"], data.GetColumn<string>("Upper").ToArray());
        CollectionAssert.AreEqual((float[])['b', 'b'], data.GetColumn<float[]>("Letters").ElementAt(1));
    }

    [TestMethod]
    public void Shapes_tell_kinds_keys_and_annotations()
    {
        SchemaDefinition definition = SchemaDefinition.Create(typeof(Shapes));
        definition["Score"].ColumnName = "Probabilities";
        definition["Probabilities"].ColumnType = new VectorDataViewType(NumberDataViewType.Single, 2);
        definition["Probabilities"].AddAnnotation("SlotNames", (string[])["cat", "dog"], new VectorDataViewType(TextDataViewType.Instance, 2));
        definition["Key"].AddAnnotation("KeyValues", (string[])["cat", "dog"], new VectorDataViewType(TextDataViewType.Instance, 2));
        SchemaShape shape = new MLContext().Transforms.CustomMapping<Nothing, Shapes>((_, _) => { }, null, outputSchemaDefinition: definition)
            .GetOutputSchema(new SchemaShape([]));
        Assert.AreEqual("Number,Free,Probabilities,Key,Text", Reading.Names(shape));
        Check(shape[0], SchemaShape.Column.VectorKind.Scalar, NumberDataViewType.Double, isKey: false);
        Check(shape[1], SchemaShape.Column.VectorKind.VariableVector, NumberDataViewType.Single, isKey: false);
        Check(shape[2], SchemaShape.Column.VectorKind.Vector, NumberDataViewType.Single, isKey: false);
        Check(shape[3], SchemaShape.Column.VectorKind.Scalar, NumberDataViewType.UInt32, isKey: true);
        Check(shape[4], SchemaShape.Column.VectorKind.Scalar, TextDataViewType.Instance, isKey: false);
        Assert.AreEqual("SlotNames", Reading.Names(shape[2].Annotations));
        Check(shape[2].Annotations[0], SchemaShape.Column.VectorKind.Vector, TextDataViewType.Instance, isKey: false);
        Assert.AreEqual("KeyValues", Reading.Names(shape[3].Annotations));
        Assert.IsEmpty(shape[0].Annotations);
    }

    [TestMethod]
    public void Borrowed_columns_make_shapes_for_estimators_of_ones_own()
    {
        var ml = new MLContext();
        SchemaShape borrowed = ml.Transforms.CustomMapping<Nothing, Shapes>((_, _) => { }, null).GetOutputSchema(new SchemaShape([]));
        var shape = new SchemaShape(borrowed.Where(column => column.Name == "Text"));
        SchemaShape copied = ml.Transforms.CopyColumns("Copy", "Text").GetOutputSchema(shape);
        Assert.AreEqual("Text,Copy", Reading.Names(copied));
        SchemaShape keyed = ml.Transforms.Conversion.MapValueToKey("Text").GetOutputSchema(shape);
        Check(keyed.Single(), SchemaShape.Column.VectorKind.Scalar, NumberDataViewType.UInt32, isKey: true);
        Assert.AreEqual("KeyValues", Reading.Names(keyed.Single().Annotations));
        Check(ml.Transforms.Conversion.MapKeyToValue("Text").GetOutputSchema(keyed).Single(), SchemaShape.Column.VectorKind.Scalar, TextDataViewType.Instance, isKey: false);
        Assert.AreEqual("Copy", Reading.Names(ml.Transforms.DropColumns("Text").GetOutputSchema(copied)));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => ml.Transforms.SelectColumns("Nowhere").GetOutputSchema(copied));
    }

    [TestMethod]
    public void Key_members_of_the_output_count_from_0_like_those_of_any_object()
    {
        var ml = new MLContext();
        IDataView source = ml.Data.LoadFromEnumerable(TextRow.Of("a", "bb", "ccc"));
        SchemaDefinition definition = SchemaDefinition.Create(typeof(Keyed), SchemaDefinition.Direction.Write);
        definition["PredictedLabel"].AddAnnotation("KeyValues", (string[])["one", "two"], new VectorDataViewType(TextDataViewType.Instance, 2));
        IDataView data = ml.Transforms.CustomMapping<TextRow, Keyed>((from, to) => to.PredictedLabel = (uint)from.Text.Length - 1, null, outputSchemaDefinition: definition)
            .Append(ml.Transforms.Conversion.MapKeyToValue("Name", "PredictedLabel")).Fit(source).Transform(source);
        CollectionAssert.AreEqual((uint[])[1, 2, 0], data.GetColumn<uint>("PredictedLabel").ToArray());
        CollectionAssert.AreEqual((string[])["one", "two", ""], data.GetColumn<string>("Name").ToArray());
    }

    [TestMethod]
    public void Inputs_that_do_not_fit_are_refused_when_fitting()
    {
        var ml = new MLContext();
        IDataView texts = ml.Data.LoadFromEnumerable(TextRow.Of("a"));
        Exception error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => ml.Transforms.CustomMapping<Nothing2, Keyed>((_, _) => { }, null).Fit(texts));
        StringAssert.Contains(error.Message, "'Missing'");
        Assert.ThrowsExactly<InvalidOperationException>(() => ml.Transforms.CustomMapping<WrongText, Keyed>((_, _) => { }, null).Fit(texts));

        // In a chain the shapes are compared before anything is fitted.
        error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => ml.Transforms.CopyColumns("X", "Text").Append(ml.Transforms.CustomMapping<WrongText, Keyed>((_, _) => { }, null)).Fit(texts));
        StringAssert.Contains(error.Message, "Schema mismatch for input column 'Text': expected Single, got String");
    }

    [TestMethod]
    public void An_error_in_the_action_reaches_the_reader()
    {
        var ml = new MLContext();
        IDataView source = ml.Data.LoadFromEnumerable(TextRow.Of("a"));
        IDataView data = ml.Transforms.CustomMapping<TextRow, Keyed>((_, _) => throw new FormatException("no"), null).Fit(source).Transform(source);
        Assert.Throws<Exception>(() => data.GetColumn<uint>("PredictedLabel").ToArray());
    }

    private static void Check(SchemaShape.Column column, SchemaShape.Column.VectorKind kind, DataViewType type, bool isKey)
    {
        Assert.AreEqual(kind, column.Kind, column.Name);
        Assert.AreEqual(type, column.ItemType, column.Name);
        Assert.AreEqual(isKey, column.IsKey, column.Name);
    }

    private sealed class Nothing
    {
    }

    private sealed class Nothing2
    {
        public float Missing { get; set; }
    }

    private sealed class WrongText
    {
        public float Text { get; set; }
    }

    private sealed class Measured
    {
        public int Length { get; set; }

        public float[] Letters { get; set; } = [];

        public string Upper { get; set; } = "";
    }

    private sealed class Keyed
    {
        [KeyType(2)]
        public uint PredictedLabel { get; set; }
    }

    private sealed class Shapes
    {
        public double Number { get; set; }

        public float[] Free { get; set; } = [];

        public float[] Score { get; set; } = [];

        [KeyType(2)]
        public uint Key { get; set; }

        public string Text { get; set; } = "";
    }
}
