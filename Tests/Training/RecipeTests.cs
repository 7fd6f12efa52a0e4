using System.Text.Json.Nodes;

namespace AlexNetMl.Training.Tests;

[TestClass]
public sealed class RecipeTests
{
    private static IEnumerable<Recipe> Everything =>
        Recipes.All.Concat(from recipe in Recipes.All from ablation in Ablation.All select recipe.Without(ablation));

    [TestMethod]
    public void EveryRecipeAndAblationIsValidAndComesBackFromJson()
    {
        foreach (Recipe recipe in Everything)
        {
            recipe.Validate();
            string json = recipe.ToJson();
            Recipe read = Recipe.FromJson(json);
            Assert.AreEqual(json, read.ToJson());
            Assert.AreEqual(recipe.Network, read.Network);
            Assert.AreEqual(recipe.Training.Schedule.GetType(), read.Training.Schedule.GetType());
            CollectionAssert.AreEqual(recipe.Describe().ToArray(), read.Describe().ToArray());
            (recipe.NetworkFor(7, 96) with { Width = 0.1 }).Validate();
        }
    }

    [TestMethod]
    public void NoValueIsLostInJson()
    {
        var options = new AlexNetOptions
        {
            Classes = 7, Side = 70, Width = 0.3, Grouped = false, HalfSize = true, Stem = AlexNetStem.Small, Window = AlexNetWindow.Ceiling, Order = AlexNetOrder.Original2012,
            Activation = AlexNetActivation.Tanh, ResponseNorm = false, ResponseNormAlpha = 0.1 + 0.2, AlphaDividedByWindow = true, ResponseNormScope = ResponseNormScope.EachTower,
            ContrastNorm = true, OverlappingPooling = false, RemovedLayer = "fc7", Dropout = 0.25, Initialization = AlexNetInitialization.He, Seed = long.MaxValue,
        };
        Assert.AreEqual(options, AlexNetOptions.FromJson(options.ToJson()));
        // Every property that can be set differs from its default, so one that JSON forgot would have been noticed.
        foreach (var property in typeof(AlexNetOptions).GetProperties().Where(property => property.CanWrite))
            Assert.AreNotEqual(property.GetValue(new AlexNetOptions()), property.GetValue(options), property.Name);
        Assert.AreEqual(new AlexNetOptions(), AlexNetOptions.FromJson("{}"));
    }

    [TestMethod]
    public void BadJsonIsRefusedWithItsReason()
    {
        Assert.Contains("colour", Refused(root => root["colour"] = 1));
        Assert.Contains("widht", Refused(root => root["network"]!["widht"] = 1));
        Assert.Contains("learningRate", Refused(root => root["training"]!["learningRate"] = "fast"));
        Assert.Contains("learning rate of -1", Refused(root => root["training"]!["learningRate"] = -1));
        Assert.Contains("stem", Refused(root => root["network"]!["stem"] = "Big"));
        Assert.Contains("window", Refused(root => root["network"]!["window"] = 1));
        Assert.Contains("conv9", Refused(root => root["network"]!["removedLayer"] = "conv9"));
        Assert.Contains("sometimes", Refused(root => root["training"]!["schedule"] = new JsonObject { ["kind"] = "sometimes" }));
        Assert.Contains("patience of 0", Refused(root => root["training"]!["schedule"] = new JsonObject { ["patience"] = 0, ["kind"] = "plateau" }));
        Assert.Contains("name", Refused(root => root.AsObject().Remove("name")));
        Assert.Contains("network", Refused(root => root["network"] = null));
        Assert.Contains("[1, 8]", Refused(root => root["shorterSideRatio"] = 0.5));
        Assert.Contains("factor of -1", Refused(root => root["training"]!["layerRates"] = new JsonArray(new JsonObject { ["layer"] = "conv1", ["fromEpoch"] = 1, ["factor"] = -1 })));
        Assert.ThrowsExactly<InvalidDataException>(() => Recipe.FromJson("null"));
        Assert.ThrowsExactly<InvalidDataException>(() => Recipe.FromJson("{"));
        Assert.Contains("side", Assert.ThrowsExactly<InvalidDataException>(() => AlexNetOptions.FromJson("""{"side": 100, "side": 101}""")).Message);

        static string Refused(Action<JsonNode> change)
        {
            JsonNode root = JsonNode.Parse(Recipes.Paper.ToJson())!;
            change(root);
            return Assert.ThrowsExactly<InvalidDataException>(() => Recipe.FromJson(root.ToJsonString())).Message;
        }
    }

    [TestMethod]
    public void NamesFindRecipesAndAblations()
    {
        foreach (Recipe recipe in Recipes.All)
            Assert.AreSame(recipe, Recipes.Get(recipe.Name));
        foreach (Ablation ablation in Ablation.All)
            Assert.AreSame(ablation, Ablation.Get(ablation.Name));
        CollectionAssert.AreEqual(new[] { "paper", "original-2012", "original-2012-ilsvrc2010", "default" }, Recipes.All.Select(recipe => recipe.Name).ToArray());
        Assert.Contains("paper, original-2012", Assert.ThrowsExactly<ArgumentException>(() => Recipes.Get("papers")).Message);
        Assert.Contains("lrn, overlap", Assert.ThrowsExactly<ArgumentException>(() => Ablation.Get("norm")).Message);
        Assert.Contains("conv2, conv3", Assert.ThrowsExactly<ArgumentException>(() => Ablation.Layer("conv1")).Message);
    }

    [TestMethod]
    public void AnAblationChangesItsRowAndNoOther()
    {
        foreach ((Ablation ablation, string[] rows) in new[]
        {
            (Ablation.LocalResponseNorm, new[] { "LRN", "LRN α", "LRN neighbours", "contrast norm in conv2" }), (Ablation.OverlappingPooling, ["pooling"]),
            (Ablation.Relu, ["activation"]), (Ablation.ColorNoise, ["colour noise"]), (Ablation.Dropout, ["dropout"]), (Ablation.HalfSize, ["towers"]),
            (Ablation.Layer("fc6"), ["removed layer"]),
        })
        {
            Recipe before = Recipes.Original2012, after = before.Without(ablation);
            string[] changed = [.. before.Describe().Zip(after.Describe()).Where(pair => pair.First.Value != pair.Second.Value).Select(pair => pair.First.Name)];
            CollectionAssert.AreEqual(rows, changed, ablation.Name);
            CollectionAssert.AreEqual(new[] { ablation.Name }, after.Ablations.ToArray());
        }
    }

    [TestMethod]
    public void EverySwitchOfTheNetworkHasARow()
    {
        string all = string.Join(' ', Recipes.Paper.Describe().Select(fact => fact.Switch));
        foreach (var property in typeof(AlexNetOptions).GetProperties().Where(property => property.CanWrite && property.Name is not ("Classes" or "Side" or "Seed")))
            Assert.Contains(property.Name, all);
    }

    [TestMethod]
    public void TheShorterSideIsThePapersOn224()
    {
        Assert.AreEqual(256, Recipes.Paper.ShorterSide(224));
        Assert.AreEqual(32, Recipes.Default.ShorterSide(28));
        Assert.AreEqual(1, Recipes.Default.ShorterSide(1));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Recipes.Default.ShorterSide(0));
    }

    [TestMethod]
    public void TheTableInTheDocumentationIsTrue()
    {
        string document = File.ReadAllText(Path.Combine(Given.RepositoryRoot, "docs", "recipes.md"));
        string table = string.Join('\n', Table());
        Assert.IsTrue(document.ReplaceLineEndings("\n").Contains(table, StringComparison.Ordinal), $"docs/recipes.md should have these rows:\n{table}");
        foreach (Ablation ablation in Ablation.All.Where(ablation => !AlexNetOptions.MiddleLayers.Contains(ablation.Name)))
            Assert.Contains($"| `{ablation.Name}` | {ablation.Meaning} |", document);
    }

    private static IEnumerable<string> Table()
    {
        IReadOnlyList<RecipeFact> paper = Recipes.Paper.Describe(), original = Recipes.Original2012.Describe(), today = Recipes.Default.Describe();
        for (int i = 0; i < paper.Count; i++)
        {
            string switches = string.Join(", ", paper[i].Switch.Split(", ").Select(name => $"`{name}`"));
            yield return $"| {paper[i].Name} | {switches} | {Cell(paper[i])} | {Cell(original[i])} | {Cell(today[i])} |";
        }

        static string Cell(RecipeFact fact) => $"{fact.Value} ({fact.Source})";
    }
}
