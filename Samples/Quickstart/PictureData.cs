using AlexNetMl.Imaging;
using AlexNetMl.Training;

namespace AlexNetMl.Samples.Quickstart;

/// <summary>The three sets: training, held out (for any selection), test (read once, after training).</summary>
internal sealed record PictureData(ImageFolder Training, ImageFolder HeldOut, ImageFolder Test, string Description)
{
    // 5,000 of Fashion-MNIST's 60,000.
    private const int HeldOutShare = 12;
    private const int TestShare = 6;

    public static PictureData Open(QuickstartOptions options, IProgress<string> progress, CancellationToken cancellationToken)
    {
        string? folder = options.Data;
        string description;
        if (folder is null)
        {
            folder = Path.Combine(options.Output, "images");
            description = FashionMnist.WriteFolders(folder, progress, cancellationToken: cancellationToken);
        }
        else
        {
            description = folder;
        }

        string train = Path.Combine(folder, "train"), test = Path.Combine(folder, "test");
        ImageFolder training, testing;
        if (Directory.Exists(train) && Directory.Exists(test))
        {
            training = ImageFolder.Scan(train);
            testing = ImageFolder.Scan(test);
            if (!training.Classes.SequenceEqual(testing.Classes))
            {
                var different = training.Classes.Except(testing.Classes).Concat(testing.Classes.Except(training.Classes));
                throw new InvalidDataException($"{train} and {test} hold different classes ({string.Join(", ", different.Take(5))}): make the folders' names the same.");
            }
        }
        else
        {
            var all = ImageFolder.Scan(folder);
            (training, testing) = all.Split(Math.Max(1, all.Images.Count / TestShare), options.Seed);
        }

        var (kept, heldOut) = training.Split(Math.Max(1, training.Images.Count / HeldOutShare), options.Seed);
        if (options.Data is not null)
        {
            // These are needed only after minutes of training; a broken one is better found now. Nothing else is learnt from them here.
            foreach (var set in new[] { heldOut, testing })
            {
                Parallel.ForEach(set.Images, new ParallelOptions { CancellationToken = cancellationToken }, image => ImageFile.Load(image.Path));
            }
        }

        return new PictureData(kept, heldOut, testing, description);
    }
}
