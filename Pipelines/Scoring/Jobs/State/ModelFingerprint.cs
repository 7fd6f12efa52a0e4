using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;

namespace AlexNetMl.Scoring;

/// <summary>What scores depend on, and what their classes are called: the SHA-256 of each.</summary>
/// <param name="File">Of the .onnx file.</param>
/// <param name="Labels">Of the labels, wherever they stand.</param>
/// <param name="Preprocessing">Of the preprocessing, wherever it stands.</param>
internal sealed record ModelFingerprint(string File, string Labels, string Preprocessing)
{
    private const int Shown = 12;

    /// <summary>Whether all parts have a hash's length, so that they can be shown.</summary>
    [JsonIgnore]
    public bool IsWhole => File.Length == 64 && Labels.Length == 64 && Preprocessing.Length == 64;

    /// <summary>Identifies a model by its bytes.</summary>
    public static ModelFingerprint Of(ImageModelFiles files)
    {
        using var stream = new FileStream(files.ModelPath, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        return new ModelFingerprint(Convert.ToHexStringLower(SHA256.HashData(stream)), Hash(string.Join('\n', files.Labels)), Hash(files.Preprocessing.ToJson()));
    }

    /// <summary>The parts by name, as people see them beside another model's.</summary>
    public IEnumerable<(string Name, object Here, object There)> Beside(ModelFingerprint other) =>
    [
        ("model file", File[..Shown], other.File[..Shown]), ("labels", Labels[..Shown], other.Labels[..Shown]), ("preprocessing", Preprocessing[..Shown], other.Preprocessing[..Shown]),
    ];

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
