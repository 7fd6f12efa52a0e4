namespace AlexNetMl.Training.Tests;

/// <summary>The papers' recipes, against the figures that the papers print.</summary>
[TestClass]
public sealed class PaperRecipeTests
{
    [TestMethod]
    [DataRow("vgg16", 256, 0.01, 5e-4, 74)]
    [DataRow("googlenet", 128, 0.01, 5e-4, 90)]
    [DataRow("resnet50", 256, 0.1, 1e-4, 120)]
    [DataRow("resnet56", 128, 0.1, 1e-4, 182)]
    [DataRow("densenet121", 256, 0.1, 1e-4, 90)]
    public void HaveThePapersFigures(string name, int batch, double rate, double decay, int epochs)
    {
        NetworkDefinition definition = NetworkCatalog.Default.Get(name);
        Recipe recipe = definition.Recipe("paper");
        Assert.AreEqual((batch, rate, decay, epochs, 0.9), (recipe.Training.BatchSize, recipe.Training.LearningRate, recipe.Training.WeightDecay, recipe.Training.Epochs, recipe.Training.Momentum));
        Assert.AreEqual(definition.Options, recipe.Network);
        RecipeFact[] facts = [.. recipe.Describe()];
        Assert.Contains("momentum", facts.Select(fact => fact.Name));
        Assert.IsTrue(facts.All(fact => !fact.Source.Contains("layers-145", StringComparison.Ordinal)), "no file of AlexNet's code is a source of another network's recipe");
        Assert.AreEqual(new[] { "paper", "default" }.Length, definition.Recipes.Count);
    }

    [TestMethod]
    public void CutTheRateWhereThePapersDo()
    {
        Assert.AreEqual(0.1, Factor("densenet121", 30), 1e-12);
        Assert.AreEqual(0.01, Factor("densenet121", 60), 1e-12);
        Assert.AreEqual(1, Factor("resnet56", 90), 1e-12);
        Assert.AreEqual(0.01, Factor("resnet56", 137), 1e-12);
        Assert.AreEqual(0.96, Factor("googlenet", 8), 1e-12);
        Assert.AreEqual(0.96 * 0.96, Factor("googlenet", 16), 1e-12);

        static double Factor(string name, double epoch) => NetworkCatalog.Default.Get(name).Recipe("paper").Training.Schedule.Factor(new TrainingMoment(epoch, 200, []));
    }
}
