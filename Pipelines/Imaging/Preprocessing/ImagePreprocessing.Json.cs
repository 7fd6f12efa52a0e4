using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace AlexNetMl.Imaging;

public sealed partial record ImagePreprocessing
{
    private const string TypeKey = "image_processor_type";
    private const string ResizeKey = "do_resize";
    private const string SizeKey = "size";
    private const string ShortestEdgeKey = "shortest_edge";
    private const string ResampleKey = "resample";
    private const string CropKey = "do_center_crop";
    private const string CropSizeKey = "crop_size";
    private const string HeightKey = "height";
    private const string WidthKey = "width";
    private const string RescaleKey = "do_rescale";
    private const string RescaleFactorKey = "rescale_factor";
    private const string NormalizeKey = "do_normalize";
    private const string MeanKey = "image_mean";
    private const string DeviationKey = "image_std";
    private const string ConvertKey = "do_convert_rgb";
    private const string MeanImageKey = "mean_image";
    private const string FlipOrderKey = "do_flip_channel_order";
    private const string OrientationKey = "do_exif_transpose";

    /// <summary>
    /// The content of a <c>preprocessor_config.json</c> with Hugging Face's keys. For RGB it names the class <c>CLIPImageProcessor</c>,
    /// which does just these
    /// steps; for BGR it says <c>do_flip_channel_order</c> and names no class, as none does these steps and that one. A mean image, which
    /// no class there has either, stands under <c>mean_image</c>: its <c>side</c>, and as <c>data</c> the base64 of its little-endian float32 values. <see cref="ApplyOrientation"/>
    /// stands under <c>do_exif_transpose</c>, a key of this library; without it a file means that orientation is not applied, as files from before it do.
    /// </summary>
    /// <returns>Indented JSON, ended by a line feed; <see cref="FromJson"/> gives an equal record back.</returns>
    /// <exception cref="ArgumentException">This record fails <see cref="Validate"/>.</exception>
    public string ToJson()
    {
        Validate();
        using var stream = new MemoryStream();
        var options = new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        using (var json = new Utf8JsonWriter(stream, options))
        {
            json.WriteStartObject();
            if (ChannelOrder == ChannelOrder.Rgb && MeanImage is null)
            {
                json.WriteString(TypeKey, "CLIPImageProcessor");
            }

            if (ChannelOrder == ChannelOrder.Bgr)
            {
                json.WriteBoolean(FlipOrderKey, true);
            }

            if (ApplyOrientation)
            {
                json.WriteBoolean(OrientationKey, true);
            }

            json.WriteBoolean(ConvertKey, true);
            json.WriteBoolean(ResizeKey, true);
            json.WriteStartObject(SizeKey);
            json.WriteNumber(ShortestEdgeKey, ShorterSide);
            json.WriteEndObject();
            json.WriteNumber(ResampleKey, (int)Filter);
            json.WriteBoolean(CropKey, true);
            json.WriteStartObject(CropSizeKey);
            json.WriteNumber(HeightKey, CropSide);
            json.WriteNumber(WidthKey, CropSide);
            json.WriteEndObject();
            json.WriteBoolean(RescaleKey, true);
            json.WriteNumber(RescaleFactorKey, RescaleFactor);
            json.WriteBoolean(NormalizeKey, true);
            WriteChannels(json, MeanKey, Mean);
            WriteChannels(json, DeviationKey, StandardDeviation);
            if (MeanImage is not null)
            {
                WriteMeanImage(json, MeanImage);
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length) + "\n";
    }

    /// <summary>Reads a <c>preprocessor_config.json</c>, this library's or one from Hugging Face.</summary>
    /// <param name="json">
    /// A JSON object. Unknown keys are passed over. <c>size</c> may be a number (the shorter side) or hold <c>shortest_edge</c>;
    /// <c>crop_size</c> may be a number
    /// or hold equal <c>height</c> and <c>width</c>. Switched-off <c>do_rescale</c> and <c>do_normalize</c> mean factor 1, mean 0 and
    /// deviation 1. What a network's result
    /// depends on (size, resample, crop_size, image_mean, image_std) is never guessed: without it there is an error.
    /// </param>
    /// <returns>A record that passes <see cref="Validate"/>.</returns>
    /// <exception cref="FormatException">Not JSON, or a key is missing, of a wrong type, out of range, or asks for what this library does
    /// not do; the message names the key.</exception>
    public static ImagePreprocessing FromJson(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        try
        {
            using var document = JsonDocument.Parse(json);
            return Read(new JsonKeys(document.RootElement));
        }
        catch (Exception e) when (e is JsonException or ArgumentException or InvalidOperationException)
        {
            // The last two are what halves of surrogate pairs cause, written out or escaped.
            throw new FormatException($"The preprocessing description is not JSON: {e.Message}", e);
        }
    }

    private static ImagePreprocessing Read(JsonKeys keys)
    {
        keys.RequireTrue(ResizeKey, "this library always resizes to a shorter side");
        keys.RequireTrue(CropKey, "this library always cuts out a centre square");
        var normalize = keys.Switch(NormalizeKey, true);
        var shorterSide = ReadShorterSide(keys);
        var preprocessing = new ImagePreprocessing
        {
            ShorterSide = shorterSide,
            CropSide = ReadCropSide(keys, shorterSide),
            Filter = (ResamplingFilter)keys.Integer(ResampleKey, 0, (int)ResamplingFilter.Hamming),
            ApplyOrientation = keys.Switch(OrientationKey, false),
            ChannelOrder = keys.Switch(FlipOrderKey, false) ? ChannelOrder.Bgr : ChannelOrder.Rgb,
            RescaleFactor = keys.Switch(RescaleKey, true) ? ReadRescaleFactor(keys) : 1f,
            Mean = normalize ? keys.Channels(MeanKey, positive: false) : [0f, 0f, 0f],
            StandardDeviation = normalize ? keys.Channels(DeviationKey, positive: true) : [1f, 1f, 1f],
            MeanImage = keys.Has(MeanImageKey) ? ReadMeanImage(keys.Object(MeanImageKey), shorterSide) : null,
        };
        if (preprocessing.MeanImage is not null && (!normalize || preprocessing.Mean.Any(value => value != 0)))
        {
            throw new FormatException($"{MeanImageKey} stands beside {(normalize ? $"an {MeanKey} other than 0" : $"{NormalizeKey} = false")}; it is one or the other.");
        }

        return preprocessing;
    }

    private static int ReadShorterSide(JsonKeys keys)
    {
        if (!keys.IsObject(SizeKey))
        {
            return keys.Integer(SizeKey, 1, LargestSide);
        }

        var size = keys.Object(SizeKey);
        return size.Has(ShortestEdgeKey)
            ? size.Integer(ShortestEdgeKey, 1, LargestSide)
            : throw new FormatException(
                $"{SizeKey}: {ShortestEdgeKey} is missing; this library keeps a picture's aspect and needs the shorter side's length.");
    }

    private static int ReadCropSide(JsonKeys keys, int shorterSide)
    {
        if (!keys.IsObject(CropSizeKey))
        {
            return keys.Integer(CropSizeKey, 1, shorterSide);
        }

        var size = keys.Object(CropSizeKey);
        var height = size.Integer(HeightKey, 1, shorterSide);
        var width = size.Integer(WidthKey, 1, shorterSide);
        return height == width
            ? height
            : throw new FormatException(
                $"{CropSizeKey} is {height} x {width}; this library's networks take squares, so give equal {HeightKey} and {WidthKey}.");
    }

    private static float ReadRescaleFactor(JsonKeys keys)
    {
        if (!keys.Has(RescaleFactorKey))
        {
            return 1f / 255;
        }

        var factor = keys.Number(RescaleFactorKey);
        return factor != 0 ? factor : throw new FormatException($"{RescaleFactorKey} is 0; any other number is allowed.");
    }

    private static void WriteChannels(Utf8JsonWriter json, string key, ImmutableArray<float> values)
    {
        json.WriteStartArray(key);
        foreach (var value in values)
        {
            json.WriteNumberValue(value);
        }

        json.WriteEndArray();
    }

    /// <summary>Typed access to an object's keys, with errors that name them.</summary>
    private readonly struct JsonKeys
    {
        private readonly JsonElement element;
        private readonly string prefix;

        internal JsonKeys(JsonElement element, string prefix = "")
        {
            this.prefix = prefix;
            this.element = element.ValueKind == JsonValueKind.Object
                ? element
                : throw new FormatException($"The preprocessing description is a JSON {Kind(element)}; an object is expected.");
        }

        internal bool Has(string key) => element.TryGetProperty(key, out var value) && value.ValueKind != JsonValueKind.Null;

        internal bool IsObject(string key) => Has(key) && element.GetProperty(key).ValueKind == JsonValueKind.Object;

        internal JsonKeys Object(string key) => new(element.GetProperty(key), $"{prefix}{key}.");

        internal bool Switch(string key, bool missing)
        {
            if (!Has(key))
            {
                return missing;
            }

            var value = element.GetProperty(key);
            return value.ValueKind is JsonValueKind.True or JsonValueKind.False 
                ? value.GetBoolean()
                : throw Wrong(key, value, "true or false");
        }

        internal void RequireTrue(string key, string reason)
        {
            if (!Switch(key, true))
            {
                throw new FormatException($"{prefix}{key} is false; {reason}.");
            }
        }

        internal int Integer(string key, int smallest, int largest)
        {
            var value = Get(key);
            return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= smallest && number <= largest
                ? number
                : throw Wrong(key, value, string.Create(CultureInfo.InvariantCulture, $"a whole number from {smallest} to {largest}"));
        }

        internal byte[] Base64(string key, long length)
        {
            var value = Get(key);
            var characters = (length + 2) / 3 * 4;
            if (value.ValueKind != JsonValueKind.String || value.GetRawText().Length - 2 != characters || !value.TryGetBytesFromBase64(out var bytes) || bytes.Length != length)
            {
                throw Wrong(key, value, string.Create(CultureInfo.InvariantCulture, $"base64 of {length} bytes"));
            }

            return bytes;
        }

        internal float Number(string key) => Number(key, Get(key));

        internal ImmutableArray<float> Channels(string key, bool positive)
        {
            var value = Get(key);
            if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() != RgbImage.Channels)
            {
                throw Wrong(key, value, "an array of three numbers: red, green, blue");
            }

            var channels = ImmutableArray.CreateBuilder<float>(RgbImage.Channels);
            foreach (var item in value.EnumerateArray())
            {
                var number = Number(key, item);
                channels.Add(!positive || number > 0 ? number : throw Wrong(key, item, "numbers above 0"));
            }

            return channels.ToImmutable();
        }

        private float Number(string key, JsonElement value) =>
            value.ValueKind == JsonValueKind.Number && value.TryGetSingle(out var number) && float.IsFinite(number)
                ? number
                : throw Wrong(key, value, "a number that single precision can hold");

        private JsonElement Get(string key) =>
            Has(key)
                ? element.GetProperty(key)
                : throw new FormatException($"{prefix}{key} is missing; the network's results depend on it.");

        private FormatException Wrong(string key, JsonElement value, string expected)
        {
            var text = value.GetRawText();
            return new FormatException($"{prefix}{key} is {(text.Length <= 40 ? text : $"{text[..40]}…")}; expected is {expected}.");
        }

        private static string Kind(JsonElement element) => element.ValueKind.ToString().ToLowerInvariant();
    }
}
