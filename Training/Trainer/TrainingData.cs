using AlexNetMl.Imaging;

namespace AlexNetMl.Training;

/// <summary>What a network is trained on.</summary>
/// <param name="Training">Pictures to train on.</param>
/// <param name="Validation">Pictures to measure on after each epoch (centre window, dropout off), with the same classes; null for none.</param>
/// <param name="Preprocessing">How a picture becomes a tensor; ShorterSide − CropSide is the room for random windows.</param>
/// <param name="Statistics">Principal components for colour noise; null where <see cref="AugmentationOptions.ColorNoise"/> is off.</param>
public sealed record TrainingData(PictureSet Training, PictureSet? Validation, ImagePreprocessing Preprocessing, PictureStatistics? Statistics = null);
