using System.Text.Json;

namespace AlexNetMl.Imaging.Tests;

[TestClass]
public sealed class PreprocessingJsonTests
{
    private const string Clip = """
        {
          "crop_size": 224, "do_center_crop": true, "do_normalize": true, "do_resize": true, "feature_extractor_type": "CLIPFeatureExtractor",
          "image_mean": [0.48145466, 0.4578275, 0.40821073], "image_std": [0.26862954, 0.26130258, 0.27577711], "resample": 3, "size": 224, "unknown": {"a": [1]}
        }
        """;

    [TestMethod]
    public void Round_trip_gives_an_equal_record()
    {
        ImagePreprocessing[] records =
        [
            new(),
            new() { ShorterSide = 28, CropSide = 28, Mean = [0.2860f, 0.2860f, 0.2860f], StandardDeviation = [0.3530f, 0.3530f, 0.3530f] },
            new() { ShorterSide = 300, CropSide = 299, Filter = ResamplingFilter.Lanczos, ChannelOrder = ChannelOrder.Bgr, RescaleFactor = 1f, Mean = [123.68f, 116.779f, 103.939f] },
            new() { RescaleFactor = 1e-7f, StandardDeviation = [1e-20f, 3e20f, float.Epsilon] },
        ];
        foreach (var record in records)
        {
            Assert.AreEqual(record, ImagePreprocessing.FromJson(record.ToJson()), record.ToJson());
        }
    }

    [TestMethod]
    public void Keys_are_Hugging_Faces()
    {
        using var document = JsonDocument.Parse(new ImagePreprocessing().ToJson());
        var root = document.RootElement;
        Assert.AreEqual("CLIPImageProcessor", root.GetProperty("image_processor_type").GetString());
        Assert.IsTrue(root.GetProperty("do_resize").GetBoolean());
        Assert.AreEqual(256, root.GetProperty("size").GetProperty("shortest_edge").GetInt32());
        Assert.AreEqual(2, root.GetProperty("resample").GetInt32());
        Assert.IsTrue(root.GetProperty("do_center_crop").GetBoolean());
        Assert.AreEqual(224, root.GetProperty("crop_size").GetProperty("height").GetInt32());
        Assert.AreEqual(224, root.GetProperty("crop_size").GetProperty("width").GetInt32());
        Assert.IsTrue(root.GetProperty("do_rescale").GetBoolean());
        Assert.AreEqual(1.0 / 255, root.GetProperty("rescale_factor").GetDouble(), 1e-9);
        Assert.IsTrue(root.GetProperty("do_normalize").GetBoolean());
        Assert.AreEqual(3, root.GetProperty("image_mean").GetArrayLength());
        Assert.AreEqual(3, root.GetProperty("image_std").GetArrayLength());
        Assert.IsTrue(root.GetProperty("do_convert_rgb").GetBoolean());
    }

    [TestMethod]
    public void Files_of_others_are_read()
    {
        var clip = ImagePreprocessing.FromJson(Clip);
        Assert.AreEqual(224, clip.ShorterSide);
        Assert.AreEqual(224, clip.CropSide);
        Assert.AreEqual(ResamplingFilter.Bicubic, clip.Filter);
        Assert.AreEqual(1f / 255, clip.RescaleFactor);
        Assert.AreEqual(0.4578275f, clip.Mean[1]);
        var plain = ImagePreprocessing.FromJson("""{"size": {"shortest_edge": 40}, "crop_size": {"height": 32, "width": 32}, "resample": 2, "do_normalize": false, "do_rescale": false}""");
        Assert.AreEqual(new ImagePreprocessing { ShorterSide = 40, CropSide = 32, RescaleFactor = 1, ApplyOrientation = false }, plain);
    }

    [TestMethod]
    [DataRow("\"resample\": 3", "\"resample\": 7", "resample is 7")]
    [DataRow("\"resample\": 3", "\"resample\": \"bicubic\"", "resample is \"bicubic\"")]
    [DataRow("\"resample\": 3,", "", "resample is missing")]
    [DataRow("\"size\": 224", "\"size\": 0", "size is 0")]
    [DataRow("\"size\": 224", "\"size\": 224.5", "size is 224.5")]
    [DataRow("\"size\": 224", "\"size\": \"224\"", "size is \"224\"")]
    [DataRow("\"size\": 224", "\"size\": {\"height\": 224, \"width\": 224}", "shortest_edge is missing")]
    [DataRow("\"size\": 224", "\"size\": {\"shortest_edge\": true}", "size.shortest_edge is true")]
    [DataRow("\"size\": 224", "\"size\": null", "size is missing")]
    [DataRow("\"crop_size\": 224", "\"crop_size\": 225", "crop_size is 225; expected is a whole number from 1 to 224")]
    [DataRow("\"crop_size\": 224", "\"crop_size\": {\"height\": 8, \"width\": 9}", "crop_size is 8 x 9")]
    [DataRow("\"crop_size\": 224", "\"crop_size\": [8, 8]", "crop_size is [8, 8]")]
    [DataRow("\"do_resize\": true", "\"do_resize\": false", "do_resize is false")]
    [DataRow("\"do_center_crop\": true", "\"do_center_crop\": false", "do_center_crop is false")]
    [DataRow("\"do_normalize\": true", "\"do_normalize\": 1", "do_normalize is 1; expected is true or false")]
    [DataRow("[0.48145466, 0.4578275, 0.40821073]", "[0.5]", "image_mean is [0.5]")]
    [DataRow("[0.48145466, 0.4578275, 0.40821073]", "[0.5, 0.5, \"x\"]", "image_mean is \"x\"")]
    [DataRow("[0.48145466, 0.4578275, 0.40821073]", "[0.5, 0.5, 1e99]", "image_mean is 1e99")]
    [DataRow("0.26862954", "0", "image_std is 0; expected is numbers above 0")]
    public void Wrong_values_are_named(string right, string wrong, string message)
    {
        var json = Clip.Replace(right, wrong, StringComparison.Ordinal);
        Assert.AreNotEqual(Clip, json);
        StringAssert.Contains(Assert.ThrowsExactly<FormatException>(() => ImagePreprocessing.FromJson(json)).Message, message);
    }

    [TestMethod]
    public void Other_texts_are_refused()
    {
        foreach (var text in new[] { string.Empty, "hello", "[]", "3", "null", "{", "{}", "{\"size\": }", "{\"\\ud800ze\": 3}", "{\"\ud800\": 3}" })
        {
            Assert.ThrowsExactly<FormatException>(() => ImagePreprocessing.FromJson(text), text);
        }
    }

    [TestMethod]
    public void Damaged_texts_give_a_record_or_a_format_error()
    {
        const string Letters = "0123456789.,:{}[]\"-eEtruefalsnul \\\ud800";
        var random = new Random(9);
        for (var i = 0; i < 3000; i++)
        {
            var text = Clip.ToCharArray();
            for (var n = random.Next(1, 5); n > 0; n--)
            {
                text[random.Next(text.Length)] = Letters[random.Next(Letters.Length)];
            }

            try
            {
                ImagePreprocessing.FromJson(new string(text)).Validate();
            }
            catch (FormatException)
            {
            }
        }
    }
}
