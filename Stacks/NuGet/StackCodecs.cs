namespace AlexNetMl.Imaging;

/// <summary>This stack's codecs: libjpeg-turbo and libwebp where the machine has them, ImageSharp everywhere.</summary>
internal static class StackCodecs
{
    internal static PictureCodecs[] Available()
    {
        var managed = new ImageSharpCodec();
        IPictureCodec jpeg = TurboJpegCodec.IsThere ? new TurboJpegCodec() : managed;
        IPictureCodec webP = WebPCodec.IsThere ? new WebPCodec() : managed;
        var everywhere = new PictureCodecs(managed, managed);
        return jpeg == managed && webP == managed ? [everywhere] : [new PictureCodecs(jpeg, webP), everywhere];
    }
}
