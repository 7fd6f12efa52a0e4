namespace AlexNetMl.Training.Tests;

[TestClass]
public sealed class ScheduleTests
{
    [TestMethod]
    public void APlateauCutsTheRateThreeTimesAndEndsTheRunAtTheFourth()
    {
        var schedule = new PlateauSchedule { Patience = 2, Threshold = 0.01 };
        // Improves twice, waits two epochs (a fall of 0.005 is too little), improves, waits six more.
        double[] errors = [0.9, 0.8, 0.795, 0.8, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5];
        double[] factors = [.. Enumerable.Range(0, errors.Length + 1).Select(epochs => schedule.Factor(Moment(epochs, errors)))];
        CollectionAssert.AreEqual(new double[] { 0, 0, 0, 0, 1, 1, 1, 2, 2, 3, 3, 3 }, factors.Select(factor => Math.Round(-Math.Log10(factor))).ToArray());
        Assert.IsFalse(Enumerable.Range(0, errors.Length).Any(epochs => schedule.IsOver(Moment(epochs, errors))));
        Assert.IsTrue(schedule.IsOver(Moment(errors.Length, errors)));
    }

    [TestMethod]
    public void APlateauNeedsValidation()
    {
        Assert.IsTrue(new PlateauSchedule().NeedsValidation);
        Assert.IsFalse(new MilestoneSchedule().NeedsValidation);
        Assert.Contains("validation pictures", Assert.ThrowsExactly<InvalidOperationException>(() => new PlateauSchedule().Factor(Moment(1, [double.NaN]))).Message);
    }

    [TestMethod]
    public void SchedulesCheckTheirValues()
    {
        LearningRateSchedule[] wrong =
        [
            new PlateauSchedule { Patience = 0 }, new PlateauSchedule { Threshold = -1 }, new PlateauSchedule { Threshold = double.NaN }, new PlateauSchedule { Cuts = -1 },
            new PlateauSchedule { Multiplier = 1 }, new MilestoneSchedule { Epochs = [-1] }, new MilestoneSchedule { Multiplier = 0 }, new OneCycleSchedule { Warmup = 1 },
            new OneCycleSchedule { Start = 0 },
        ];
        foreach (LearningRateSchedule schedule in wrong)
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => schedule.Validate(10), schedule.ToString());
    }

    [TestMethod]
    public void TheLatestLayerRateThatHasBegunCounts()
    {
        LayerRate[] rates = [new("conv1", 72, 0), new("conv1", 67, 0.1), new("conv2", 0, 0.5)];
        Assert.AreEqual(1, LayerRate.FactorAt(rates, "conv1", 66.99));
        Assert.AreEqual(0.1, LayerRate.FactorAt(rates, "conv1", 67));
        Assert.AreEqual(0, LayerRate.FactorAt(rates, "conv1", 72));
        Assert.AreEqual(0.5, LayerRate.FactorAt(rates, "conv2", 80));
        Assert.AreEqual(1, LayerRate.FactorAt(rates, "fc8", 80));
        Assert.AreEqual(0.1, LayerRate.FactorAt(rates, "first.conv1", 70));
        Assert.AreEqual(1, LayerRate.FactorAt(rates, "firstconv1", 70));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new LayerRate("conv1", 1, -1).Validate());
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new LayerRate("conv1", double.NaN, 1).Validate());
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new LayerRate("", 1, 1).Validate());
    }

    private static TrainingMoment Moment(int epochs, double[] errors) => new(epochs, 90, errors[..Math.Min(epochs, errors.Length)]);
}
