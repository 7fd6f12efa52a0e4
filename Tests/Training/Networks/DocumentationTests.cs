using System.Text.RegularExpressions;

namespace AlexNetMl.Training.Tests;

/// <summary>The tables and pictures of docs/networks are what the definitions give.</summary>
[TestClass]
public sealed partial class DocumentationTests
{
    private static string Folder => Path.Combine(Given.RepositoryRoot, "docs", "networks");

    [TestMethod]
    public void TablesAreTrue()
    {
        int tables = 0;
        foreach (string file in Directory.GetFiles(Folder, "*.md"))
        {
            foreach (Match match in Marked().Matches(File.ReadAllText(file).ReplaceLineEndings("\n")))
            {
                string name = match.Groups["layers"].Value;
                string expected = name.Length > 0
                    ? ProfileTable.Markdown(ProfileTable.LayersHead, ProfileTable.Layers(NetworkProfile.Of(NetworkCatalog.Default.Get(name))))
                    : ProfileTable.Markdown(ProfileTable.SummaryHead, NetworkCatalog.Default.Definitions.Select(definition => ProfileTable.Summary(definition, NetworkProfile.Of(definition))));
                Assert.AreEqual(expected.Trim(), match.Groups["table"].Value.Trim(), $"{Path.GetFileName(file)}: alexnetml networks {(name.Length > 0 ? $"--arch {name} " : "")}--markdown gives the table");
                tables++;
            }
        }
        Assert.AreEqual(7, tables);
    }

    [TestMethod]
    public void PicturesAreTrue()
    {
        string[] files = Directory.GetFiles(Folder, "*.svg");
        foreach (string file in files)
        {
            NetworkDefinition definition = NetworkCatalog.Default.Get(Path.GetFileNameWithoutExtension(file));
            Assert.AreEqual(
                NetworkDrawing.Svg(NetworkProfile.Of(definition), definition.Title, definition.Paper!), File.ReadAllText(file).ReplaceLineEndings("\n"),
                $"alexnetml networks --arch {definition.Name} --svg {Path.GetFileName(file)} draws it");
        }
        Assert.HasCount(6, files);
    }

    [GeneratedRegex(@"<!-- (?:summary|layers (?<layers>\w+)) -->\n(?<table>.*?)<!-- end -->", RegexOptions.Singleline)]
    private static partial Regex Marked();
}
