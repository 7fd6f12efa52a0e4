namespace AlexNetMl.Samples.ReluVersusTanh;

/// <summary>Training pictures in memory: planar bytes <c>[Count, 3, Side, Side]</c> and labels 0 to 9.</summary>
internal sealed record LabeledPixels(string Name, byte[] Pixels, byte[] Labels, int Side)
{
    private const int CifarSide = 32, CifarRecord = 1 + (3 * CifarSide * CifarSide), CifarBatches = 5, CifarPerBatch = 10_000;

    /// <summary>Number of pictures.</summary>
    public int Count => Labels.Length;

    /// <summary>Bytes of a picture.</summary>
    public int PictureLength => 3 * Side * Side;

    /// <summary>CIFAR-10's five training batches in their binary version: a byte of label, 32×32 of red, of green, of blue.</summary>
    /// <exception cref="InvalidDataException">A batch is missing or is not one.</exception>
    public static LabeledPixels ReadCifar(string folder)
    {
        var pixels = new byte[CifarBatches * CifarPerBatch * (CifarRecord - 1)];
        var labels = new byte[CifarBatches * CifarPerBatch];
        for (int batch = 0; batch < CifarBatches; batch++)
        {
            string path = Path.Combine(folder, $"data_batch_{batch + 1}.bin");
            if (!File.Exists(path))
            {
                throw new InvalidDataException($"'{path}' is missing: unpack the binary version of CIFAR-10 (cifar-10-binary.tar.gz) and name its folder.");
            }

            if (new FileInfo(path).Length != (long)CifarPerBatch * CifarRecord)
            {
                throw new InvalidDataException($"'{path}' has {new FileInfo(path).Length} bytes; a batch of CIFAR-10's binary version has {CifarPerBatch * CifarRecord}.");
            }

            byte[] records = File.ReadAllBytes(path);
            for (int i = 0; i < CifarPerBatch; i++)
            {
                int number = (batch * CifarPerBatch) + i;
                labels[number] = records[i * CifarRecord] is < 10 and var label ? label
                    : throw new InvalidDataException($"'{path}': label {records[i * CifarRecord]} of picture {i} is not one of 0 to 9.");
                records.AsSpan((i * CifarRecord) + 1, CifarRecord - 1).CopyTo(pixels.AsSpan(number * (CifarRecord - 1)));
            }
        }

        return new LabeledPixels("CIFAR-10, 50,000 training pictures", pixels, labels, CifarSide);
    }

    /// <summary>Fashion-MNIST's training pictures, the whole of them or the part that ships with the samples; gray goes into all three channels.</summary>
    public static LabeledPixels ReadFashionMnist()
    {
        (byte[] gray, byte[] labels, int height, int width) = FashionMnist.ReadTraining();
        if (height != width)
        {
            throw new InvalidDataException($"The training pictures of Fashion-MNIST are {width}×{height}, no squares; install the data set again.");
        }

        int plane = height * width;
        var pixels = new byte[3 * gray.Length];
        for (int i = 0; i < labels.Length; i++)
        {
            for (int channel = 0; channel < 3; channel++)
            {
                gray.AsSpan(i * plane, plane).CopyTo(pixels.AsSpan(((3 * i) + channel) * plane));
            }
        }

        return new LabeledPixels($"Fashion-MNIST, {labels.Length:N0} training pictures", pixels, labels, height);
    }
}
