namespace AlexNetMl.Imaging;

/// <summary>This stack's codecs: libjpeg-turbo and libwebp of the machine, found when they are first used.</summary>
internal static class StackCodecs
{
    internal static PictureCodecs[] Available() => [new PictureCodecs(new TurboJpegCodec(), new WebPCodec())];
}
