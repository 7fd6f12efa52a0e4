using System.CommandLine;
using AlexNetMl.Imaging;
using AlexNetMl.Training;

namespace AlexNetMl.Cli.Commands;

/// <summary>alexnetml pack: decode and resize once, train from memory-mapped pixels.</summary>
internal static class PackCommand
{
    public static Command Create()
    {
        Option<string[]> data = CommonOptions.Data();
        var output = new Option<string>("--out") { Description = "Folder of the cache.", Required = true, HelpName = "CACHE" };
        var side = new Option<int>("--side") { Description = "Side of the stored squares: the shorter side is resized to it, the centre is kept.", DefaultValueFactory = _ => 256, HelpName = "S" };
        var crop = new Option<int?>("--crop") { Description = "Side of the windows that training will cut, for the exact centre of oblong pictures. Default: 224/256 of --side.", HelpName = "S" };
        var threads = CommonOptions.Threads();
        var skip = CommonOptions.SkipBroken();
        var overwrite = new Option<bool>("--overwrite") { Description = "Replace a cache that is there." };
        Option<bool> json = CommonOptions.Json();
        var command = new Command("pack", "Builds a training cache: every picture decoded, resized and checksummed once, read by memory mapping.") { data, output, side, crop, threads, skip, overwrite, json };
        command.Runs((parsed, cancellation) =>
        {
            var console = new Output(parsed.GetValue(json));
            int size = parsed.GetValue(side);
            var preprocessing = new ImagePreprocessing { ShorterSide = size, CropSide = parsed.GetValue(crop) ?? Math.Max(1, (int)Math.Round(size * 224 / 256.0)) };
            var options = new PictureCacheOptions
            {
                Overwrite = parsed.GetValue(overwrite), Threads = parsed.GetValue(threads), OnBrokenImage = parsed.GetValue(skip) ? BrokenImageHandling.Skip : BrokenImageHandling.Stop,
            };
            UsageException.Check(() =>
            {
                preprocessing.Validate();
                options.Validate();
            });
            string folder = parsed.GetRequiredValue(output);
            PictureSet pictures = PictureSet.Open(parsed.GetRequiredValue(data));
            using var opened = pictures as IDisposable;
            console.Line($"pictures: {pictures.Count} of {pictures.Classes.Count} classes");
            var clock = System.Diagnostics.Stopwatch.StartNew();
            using PictureCache cache = PictureCache.Build(pictures, preprocessing, folder, options, console.Pictures("pack"), cancellation);
            double seconds = clock.Elapsed.TotalSeconds;
            long bytes = (long)cache.Count * 3 * size * size;
            console.Line($"cache: {folder}, {cache.Count} pictures of {size}×{size}, {bytes / 1e6:F1} MB, {cache.Count / seconds:F0} images/s");
            if (cache.Skipped > 0)
            {
                console.Line($"left out: {cache.Skipped} broken pictures");
            }

            console.Result(new { Cache = folder, Pictures = cache.Count, LeftOut = cache.Skipped, Classes = pictures.Classes.Count, Side = size, Bytes = bytes, Seconds = seconds });
        });
        return command;
    }
}
