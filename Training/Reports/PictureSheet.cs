using System.Globalization;
using System.Text;
using AlexNetMl.Imaging;

namespace AlexNetMl.Training.Reports;

/// <summary>One picture of a <see cref="PictureSheet"/>.</summary>
/// <param name="Png">The picture's bytes as PNG or JPEG.</param>
/// <param name="Truth">The true class.</param>
/// <param name="Prediction">The predicted class.</param>
/// <param name="Probability">The network's probability for the prediction, 0 to 1.</param>
public sealed record PredictedPicture(ReadOnlyMemory<byte> Png, string Truth, string Prediction, double Probability);

/// <summary>Sheets of pictures: predictions, and the kernels of a first layer as in the paper's Figure 3.</summary>
public static class PictureSheet
{
    /// <summary>Pictures with what they are and what the network says they are.</summary>
    public static string Predictions(IEnumerable<PredictedPicture> pictures)
    {
        ArgumentNullException.ThrowIfNull(pictures);
        var html = new StringBuilder("<div class=\"pictures\">");
        foreach (var picture in pictures)
        {
            bool right = picture.Truth == picture.Prediction;
            html.Append(CultureInfo.InvariantCulture, $"<div class=\"picture {(right ? "right" : "wrong")}\"><img alt=\"{HtmlPage.Encode(picture.Truth)}\" src=\"{DataUri(picture.Png.Span)}\"/>");
            html.Append(CultureInfo.InvariantCulture, $"<b>{HtmlPage.Encode(picture.Prediction)}</b> {100 * picture.Probability:F0}%");
            html.Append(right ? "</div>\n" : $"<br/>is {HtmlPage.Encode(picture.Truth)}</div>\n");
        }

        return html.Append("</div>").ToString();
    }

    /// <summary>The kernels of a first convolution as colour pictures (paper, Figure 3), each stretched to its own full range.</summary>
    /// <param name="weights">[kernels, 3, height, width], row-major.</param>
    /// <param name="count">How many kernels there are.</param>
    /// <param name="height">Height of a kernel.</param>
    /// <param name="width">Width of a kernel.</param>
    public static string Kernels(ReadOnlySpan<float> weights, int count, int height, int width)
    {
        if (count < 1 || height < 1 || width < 1 || weights.Length != (long)count * 3 * height * width)
        {
            throw new ArgumentException($"{weights.Length} weights are not {count} kernels of 3 x {height} x {width}: the first layer must read RGB.", nameof(weights));
        }

        int columns = Math.Min(count, 16), rows = (count + columns - 1) / columns;
        var sheet = new RgbImage((columns * (width + 1)) + 1, (rows * (height + 1)) + 1);
        sheet.Pixels.AsSpan().Fill(24);
        int plane = height * width;
        for (int k = 0; k < count; k++)
        {
            var kernel = weights.Slice(k * 3 * plane, 3 * plane);
            float low = float.MaxValue, high = float.MinValue;
            foreach (float weight in kernel)
            {
                low = Math.Min(low, weight);
                high = Math.Max(high, weight);
            }

            float scale = high > low ? 255 / (high - low) : 0;
            int left = ((k % columns) * (width + 1)) + 1, top = ((k / columns) * (height + 1)) + 1;
            for (int i = 0; i < plane; i++)
            {
                int at = 3 * (((top + (i / width)) * sheet.Width) + left + (i % width));
                for (int channel = 0; channel < 3; channel++)
                {
                    sheet.Pixels[at + channel] = (byte)MathF.Round((kernel[(channel * plane) + i] - low) * scale);
                }
            }
        }

        int zoom = Math.Clamp(960 / sheet.Width, 1, 8);
        return string.Create(CultureInfo.InvariantCulture, $"<img class=\"kernels\" alt=\"{count} kernels of {height} x {width}\" width=\"{sheet.Width * zoom}\" height=\"{sheet.Height * zoom}\" src=\"{DataUri(PngEncoder.Encode(sheet))}\"/>");
    }

    private static string DataUri(ReadOnlySpan<byte> picture)
    {
        string type = picture.Length > 3 && picture[0] == 0x89 && picture[1] == (byte)'P' ? "image/png" : "image/jpeg";
        return $"data:{type};base64,{Convert.ToBase64String(picture)}";
    }
}
