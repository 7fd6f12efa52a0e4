using System.Text.Json;

namespace AlexNetMl.Imaging;

public sealed partial record ImagePreprocessing
{
    private const string SideKey = "side";
    private const string DataKey = "data";

    private static void WriteMeanImage(Utf8JsonWriter json, MeanImage image)
    {
        json.WriteStartObject(MeanImageKey);
        json.WriteNumber(SideKey, image.Side);
        json.WriteBase64String(DataKey, image.ToBytes());
        json.WriteEndObject();
    }

    private static MeanImage ReadMeanImage(JsonKeys keys, int shorterSide)
    {
        var side = keys.Integer(SideKey, shorterSide, shorterSide);
        var bytes = keys.Base64(DataKey, (long)sizeof(float) * MeanImage.Length(side));
        try
        {
            return MeanImage.FromBytes(side, bytes);
        }
        catch (ArgumentException e)
        {
            throw new FormatException($"{MeanImageKey}: {e.Message}", e);
        }
    }
}
