using Microsoft.ML;
using Microsoft.ML.Data;

namespace AlexNetMl.Stacks.Tests.ML;

[TestClass]
public sealed class ChainTests
{
    [TestMethod]
    public void A_chain_fits_each_estimator_on_what_the_ones_before_it_made()
    {
        var ml = new MLContext();
        IDataView data = ml.Data.LoadFromEnumerable(TextRow.Of("b", "a", "b"));
        var chain = ml.Transforms.Conversion.MapValueToKey("Key", "Text")
            .Append(ml.Transforms.CopyColumns("Copy", "Key"))
            .Append(ml.Transforms.Conversion.MapKeyToValue("Back", "Copy"));
        var model = chain.Fit(data);
        IDataView result = model.Transform(data);
        Assert.AreEqual("Text,Key,Copy,Back", Reading.Names(result.Schema));
        Assert.AreEqual("Text,Key,Copy,Back", Reading.Names(model.GetOutputSchema(data.Schema)));
        CollectionAssert.AreEqual((string[])["b", "a", "b"], result.GetColumn<string>("Back").ToArray());
        Assert.AreEqual(3, model.Count());
        Assert.IsNotNull(model.LastTransformer);
    }

    [TestMethod]
    public void A_missing_column_is_found_before_any_data_is_read()
    {
        var ml = new MLContext();
        var source = new RecordingView(3);
        var chain = ml.Transforms.Conversion.MapValueToKey("Key", "A").Append(ml.Transforms.CopyColumns("Copy", "Nowhere"));
        Exception error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => chain.Fit(source));
        StringAssert.Contains(error.Message, "Could not find input column 'Nowhere'");
        Assert.AreEqual(0, source.Moved);
        error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => ml.Transforms.CopyColumns("Copy", "Nowhere").Fit(source));
        StringAssert.Contains(error.Message, "Could not find input column 'Nowhere'");
    }

    [TestMethod]
    public void A_column_of_a_name_that_exists_hides_it_and_stands_right_behind_it()
    {
        var ml = new MLContext();
        var source = new RecordingView(2);
        IDataView data = ml.Transforms.CopyColumns("A", "B").Fit(source).Transform(source);
        Assert.AreEqual("A,A,B,C", Reading.Names(data.Schema));
        CollectionAssert.AreEqual((bool[])[true, false, false, false], data.Schema.Select(column => column.IsHidden).ToArray());
        CollectionAssert.AreEqual((int[])[100, 101], data.GetColumn<int>("A").ToArray());
        CollectionAssert.AreEqual((int[])[0, 1], data.GetColumn<int>(data.Schema[0]).ToArray());
    }

    [TestMethod]
    public void Selecting_keeps_the_named_order_and_drops_hidden_columns_unless_told()
    {
        var ml = new MLContext();
        var source = new RecordingView(2);
        IDataView data = ml.Transforms.CopyColumns("A", "B").Fit(source).Transform(source);
        Assert.AreEqual("C,A", Reading.Names(ml.Transforms.SelectColumns("C", "A").Fit(data).Transform(data).Schema));
        IDataView hidden = ml.Transforms.SelectColumns(["A"], keepHidden: true).Fit(data).Transform(data);
        Assert.AreEqual("A,A", Reading.Names(hidden.Schema));
        CollectionAssert.AreEqual((int[])[0, 1], hidden.GetColumn<int>(hidden.Schema[0]).ToArray());
        CollectionAssert.AreEqual((int[])[100, 101], hidden.GetColumn<int>(hidden.Schema[1]).ToArray());
        IDataView dropped = ml.Transforms.DropColumns("A", "C").Fit(data).Transform(data);
        Assert.AreEqual("B", Reading.Names(dropped.Schema));
        CollectionAssert.AreEqual((int[])[100, 101], dropped.GetColumn<int>("B").ToArray());
        Exception error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => ml.Transforms.DropColumns("Nowhere").Fit(data));
        StringAssert.Contains(error.Message, "'Nowhere'");
    }

    [TestMethod]
    public void Scopes_decide_who_takes_part()
    {
        var ml = new MLContext();
        var source = new RecordingView(1);
        TransformerChain<ITransformer> model = new EstimatorChain<ITransformer>()
            .Append(ml.Transforms.CopyColumns("Trained", "A"), TransformerScope.TrainTest)
            .Append<ITransformer>(ml.Transforms.CopyColumns("Scored", "B"), TransformerScope.Scoring)
            .Fit(source);
        Assert.AreEqual("A,B,C,Scored", Reading.Names(model.Transform(source).Schema));
        Assert.AreEqual("A,B,C,Trained", Reading.Names(model.GetModelFor(TransformerScope.Training).Transform(source, TransformerScope.Training).Schema));
        Assert.AreEqual(1, model.GetModelFor(TransformerScope.Testing).Count());
    }

    [TestMethod]
    public void Transformers_chain_too()
    {
        var ml = new MLContext();
        var source = new RecordingView(2);
        ITransformer first = ml.Transforms.CopyColumns("D", "A").Fit(source);
        var chain = first.Append(ml.Transforms.CopyColumns("E", "D").Fit(first.Transform(source)));
        CollectionAssert.AreEqual((int[])[0, 1], chain.Transform(source).GetColumn<int>("E").ToArray());
        Assert.AreEqual(2, chain.Count());
    }

    [TestMethod]
    public void A_fitted_transformer_can_be_watched()
    {
        var ml = new MLContext();
        ITransformer? seen = null;
        var source = new RecordingView(1);
        var model = ml.Transforms.CopyColumns("D", "A").WithOnFitDelegate(transformer => seen = transformer).Append(ml.Transforms.CopyColumns("E", "D")).Fit(source);
        Assert.IsNotNull(seen);
        Assert.AreSame(model.First(), seen);
    }

    [TestMethod]
    public void A_chain_of_row_mappers_maps_single_rows()
    {
        var ml = new MLContext();
        var source = new RecordingView(3);
        ITransformer model = ml.Transforms.CopyColumns("D", "A").Append(ml.Transforms.CopyColumns("E", "D")).Append(ml.Transforms.SelectColumns("E", "B")).Fit(source);
        Assert.IsTrue(model.IsRowToRowMapper);
        IRowToRowMapper mapper = model.GetRowToRowMapper(source.Schema);
        Assert.AreSame(source.Schema, mapper.InputSchema);
        Assert.AreEqual("E,B", Reading.Names(mapper.OutputSchema));
        DataViewSchema.Column[] wanted = [mapper.OutputSchema["E"]];
        Assert.AreEqual("A", string.Join(",", mapper.GetDependencies(wanted).Select(column => column.Name)));
        using DataViewRowCursor cursor = source.GetRowCursor(mapper.GetDependencies(wanted));
        using DataViewRow row = mapper.GetRow(cursor, wanted);
        ValueGetter<int> getter = row.GetGetter<int>(row.Schema["E"]);
        int value = -1;
        for (int i = 0; i < 3; i++)
        {
            Assert.IsTrue(cursor.MoveNext());
            Assert.AreEqual(i, row.Position);
            getter(ref value);
            Assert.AreEqual(i, value);
        }
    }

    [TestMethod]
    public void Row_mappers_compare_schemas_by_reference()
    {
        var ml = new MLContext();
        ITransformer copy = ml.Transforms.CopyColumns("D", "A").Fit(new RecordingView(1));
        IRowToRowMapper mapper = copy.GetRowToRowMapper(new RecordingView(1).Schema);
        var look_alike = new RecordingView(1);
        using DataViewRowCursor cursor = look_alike.GetRowCursor(look_alike.Schema);
        Assert.ThrowsExactly<InvalidOperationException>(() => mapper.GetRow(cursor, [mapper.OutputSchema["D"]]));
    }

    [TestMethod]
    public void Two_outputs_of_one_name_are_refused()
    {
        var ml = new MLContext();
        Assert.Throws<ArgumentOutOfRangeException>(() => ml.Transforms.Conversion.MapKeyToValue((InputOutputColumnPair[])[new("X", "A"), new("X", "B")]));
    }
}
