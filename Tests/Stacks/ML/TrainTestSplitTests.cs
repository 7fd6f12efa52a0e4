using Microsoft.ML;
using Microsoft.ML.Data;

namespace AlexNetMl.Stacks.Tests.ML;

[TestClass]
public sealed class TrainTestSplitTests
{
    [TestMethod]
    public void Every_row_is_in_exactly_one_part_and_in_order()
    {
        var ml = new MLContext();
        DataOperationsCatalog.TrainTestData split = ml.Data.TrainTestSplit(Numbers(ml, 1000), 0.3);
        string[] train = Texts(split.TrainSet);
        string[] test = Texts(split.TestSet);
        Assert.AreEqual(0, train.Intersect(test).Count());
        CollectionAssert.AreEquivalent(Texts(Numbers(ml, 1000)), train.Concat(test).ToArray());
        CollectionAssert.AreEqual(train.OrderBy(int.Parse).ToArray(), train);
        CollectionAssert.AreEqual(test.OrderBy(int.Parse).ToArray(), test);
    }

    [TestMethod]
    public void The_fraction_is_kept_in_expectation()
    {
        var ml = new MLContext();
        foreach (double fraction in (double[])[0.1, 0.5, 0.9])
        {
            // Binomial: four standard deviations.
            int test = Texts(ml.Data.TrainTestSplit(Numbers(ml, 10000), fraction, seed: 5).TestSet).Length;
            Assert.AreEqual(10000 * fraction, test, 4 * Math.Sqrt(10000 * fraction * (1 - fraction)));
        }
    }

    [TestMethod]
    public void A_split_is_the_same_each_time_and_another_with_another_seed()
    {
        IDataView data = Numbers(new MLContext(), 200);
        string[] Test(MLContext ml, int? seed) => Texts(ml.Data.TrainTestSplit(data, 0.2, seed: seed).TestSet);
        CollectionAssert.AreEqual(Test(new MLContext(), null), Test(new MLContext(), null));
        CollectionAssert.AreEqual(Test(new MLContext(3), null), Test(new MLContext(3), null));
        CollectionAssert.AreEqual(Test(new MLContext(), 3), Test(new MLContext(7), 3));
        CollectionAssert.AreNotEqual(Test(new MLContext(), 3), Test(new MLContext(), 4));
        CollectionAssert.AreNotEqual(Test(new MLContext(3), null), Test(new MLContext(4), null));
        DataOperationsCatalog.TrainTestData split = new MLContext().Data.TrainTestSplit(data, 0.2);
        CollectionAssert.AreEqual(Texts(split.TestSet), Texts(split.TestSet));
    }

    [TestMethod]
    public void Rows_of_the_same_sampling_key_stay_together()
    {
        var ml = new MLContext();
        IDataView data = ml.Data.LoadFromEnumerable(Enumerable.Range(0, 600).Select(i => new Grouped { Group = $"group {i % 60}", Number = i }).ToList());
        DataOperationsCatalog.TrainTestData split = ml.Data.TrainTestSplit(data, 0.3, samplingKeyColumnName: "Group", seed: 1);
        string[] train = split.TrainSet.GetColumn<string>("Group").ToArray();
        string[] test = split.TestSet.GetColumn<string>("Group").ToArray();
        Assert.AreEqual(600, train.Length + test.Length);
        Assert.AreEqual(0, train.Intersect(test).Count());
        Assert.AreNotEqual(0, test.Length);
        Assert.AreNotEqual(0, train.Length);

        // The key column need not be asked for.
        Assert.AreEqual(test.Length, split.TestSet.GetColumn<int>("Number").Count());
    }

    [TestMethod]
    public void The_parts_have_the_columns_of_the_whole()
    {
        var ml = new MLContext();
        IDataView data = ml.Data.LoadFromEnumerable(Array.Empty<Grouped>());
        DataOperationsCatalog.TrainTestData split = ml.Data.TrainTestSplit(data);
        Assert.AreEqual("Group,Number", Reading.Names(split.TrainSet.Schema));
        Assert.AreEqual("Group,Number", Reading.Names(split.TestSet.Schema));
        Assert.IsNull(split.TrainSet.GetRowCount());
    }

    [TestMethod]
    public void Impossible_splits_are_refused()
    {
        var ml = new MLContext();
        IDataView data = Numbers(ml, 10);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => ml.Data.TrainTestSplit(data, 0));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => ml.Data.TrainTestSplit(data, 1));
        Exception error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => ml.Data.TrainTestSplit(data, 0.5, "Nowhere"));
        StringAssert.Contains(error.Message, "'Nowhere'");
    }

    private static IDataView Numbers(MLContext ml, int count) => ml.Data.LoadFromEnumerable(Enumerable.Range(0, count).Select(i => new TextRow { Text = $"{i}" }));

    private static string[] Texts(IDataView data) => data.GetColumn<string>("Text").ToArray();

    private sealed class Grouped
    {
        public string Group { get; set; } = "";

        public int Number { get; set; }
    }
}
