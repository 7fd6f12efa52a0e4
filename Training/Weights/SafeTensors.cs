using AlexNetMl.Onnx;
using static TorchSharp.torch;

namespace AlexNetMl.Training;

/// <summary>Writes and reads tensors as safetensors files, interchangeable with Python's <c>safetensors</c>.</summary>
public static class SafeTensors
{
    private const string BatchCounter = ".num_batches_tracked";
    private static readonly IReadOnlyDictionary<string, string> TorchFormat = new Dictionary<string, string> { ["format"] = "pt" };

    /// <summary>
    /// Writes tensors to a file beside <paramref name="path"/> and renames it over it, so that no half-written file is ever seen there.
    /// </summary>
    /// <param name="tensors">Names and tensors, on any device; below 2 GiB each.</param>
    /// <param name="path">The file, overwritten if it exists.</param>
    /// <param name="metadata">Free text by key; null for <c>format: pt</c>, which other tools look for.</param>
    /// <exception cref="ArgumentException">A name is used twice or reserved, or the format lacks a tensor's type.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Save(IEnumerable<(string Name, Tensor Tensor)> tensors, string path, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        ArgumentException.ThrowIfNullOrEmpty(path);
        // Wide types first, as Python's writer does: every tensor then starts at a multiple of its element's size.
        (string Name, Tensor Tensor)[] items = [.. tensors.OrderByDescending(item => SafeTensorsHeader.Describe(item.Tensor.dtype).Size)];
        var entries = new List<SafeTensorsEntry>(items.Length);
        var names = new HashSet<string>(StringComparer.Ordinal);
        long offset = 0;
        foreach ((string name, Tensor tensor) in items)
        {
            if (name == SafeTensorsHeader.MetadataKey || !names.Add(name))
                throw new ArgumentException($"The tensor name '{name}' is reserved or used twice.", nameof(tensors));
            long bytes = tensor.NumberOfElements * SafeTensorsHeader.Describe(tensor.dtype).Size;
            if (bytes > int.MaxValue)
                throw new ArgumentException($"Tensor '{name}' has {bytes} bytes: a tensor is written up to {int.MaxValue}; split it.", nameof(tensors));
            entries.Add(new SafeTensorsEntry(name, tensor.dtype, tensor.shape, offset, bytes));
            offset += bytes;
        }

        AtomicFile.Write(
            path,
            stream =>
            {
                stream.Write(SafeTensorsHeader.Write(entries, metadata ?? TorchFormat));
                foreach ((string _, Tensor tensor) in items)
                {
                    using Tensor detached = tensor.detach();
                    using Tensor onCpu = detached.cpu();
                    using Tensor dense = onCpu.contiguous();
                    stream.Write(dense.bytes);
                }
            },
            beforeCommit: null);
    }

    /// <summary>Reads names, types, shapes and metadata, not the tensors.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="FileNotFoundException">It does not exist.</exception>
    /// <exception cref="SafeTensorsFormatException">It is not a valid safetensors file.</exception>
    public static SafeTensorsHeader ReadHeader(string path)
    {
        using FileStream stream = Open(path);
        return ReadHeader(stream, path);
    }

    /// <summary>Reads all tensors, onto the CPU. The caller disposes them.</summary>
    /// <param name="path">The file.</param>
    /// <returns>Tensors by name.</returns>
    /// <exception cref="FileNotFoundException">It does not exist.</exception>
    /// <exception cref="SafeTensorsFormatException">It is not a valid safetensors file.</exception>
    public static IReadOnlyDictionary<string, Tensor> Load(string path)
    {
        using FileStream stream = Open(path);
        SafeTensorsHeader header = ReadHeader(stream, path);
        var tensors = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        try
        {
            foreach (SafeTensorsEntry entry in header.Tensors)
                tensors.Add(entry.Name, ReadTensor(stream, header, entry));
        }
        catch
        {
            foreach (Tensor tensor in tensors.Values)
                tensor.Dispose();
            throw;
        }
        return tensors;
    }

    /// <summary>Writes a module's parameters and buffers under their torch names (<c>conv1.weight</c>, …).</summary>
    /// <param name="module">The module, on any device.</param>
    /// <param name="path">The file, overwritten if it exists.</param>
    /// <param name="metadata">Free text by key; null for <c>format: pt</c>.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void SaveWeights(nn.Module module, string path, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(module);
        Save(State(module), path, metadata);
    }

    /// <summary>
    /// Reads a module's parameters and buffers, each straight into the module's own memory. Names and shapes are compared first: where
    /// <paramref name="strict"/> and they differ, nothing is changed. Networks that have other names in published files (<see cref="IForeignNames"/>) take both;
    /// counters of batches, which old files lack and nothing reads, may be absent.
    /// </summary>
    /// <param name="module">The module, on any device.</param>
    /// <param name="path">The file.</param>
    /// <param name="strict">Whether a difference is an error (default), or what fits is read.</param>
    /// <returns>The differences, none where strict.</returns>
    /// <exception cref="FileNotFoundException">The file does not exist.</exception>
    /// <exception cref="SafeTensorsFormatException">It is not a valid safetensors file.</exception>
    /// <exception cref="InvalidDataException">Its tensors are not the module's; the message lists what differs.</exception>
    public static WeightDifferences LoadWeights(nn.Module module, string path, bool strict = true)
    {
        ArgumentNullException.ThrowIfNull(module);
        return LoadInto([.. State(module)], path, strict, module is IForeignNames foreign ? foreign.OwnName : null);
    }

    /// <summary>How a file's tensors differ from a module's parameters and buffers; changes nothing.</summary>
    /// <param name="module">The module.</param>
    /// <param name="path">The file.</param>
    /// <exception cref="FileNotFoundException">The file does not exist.</exception>
    /// <exception cref="SafeTensorsFormatException">It is not a valid safetensors file.</exception>
    /// <exception cref="InvalidDataException">Two of its tensors are the same parameter under two names.</exception>
    public static WeightDifferences CompareWeights(nn.Module module, string path)
    {
        ArgumentNullException.ThrowIfNull(module);
        return Compare([.. State(module)], Named(ReadHeader(path), path, module is IForeignNames foreign ? foreign.OwnName : null));
    }

    /// <summary>Reads tensors straight into those given, as <see cref="LoadWeights"/> does.</summary>
    internal static WeightDifferences LoadInto(IReadOnlyList<(string Name, Tensor Tensor)> state, string path, bool strict = true, Func<string, string>? ownName = null)
    {
        using FileStream stream = Open(path);
        SafeTensorsHeader header = ReadHeader(stream, path);
        Dictionary<string, SafeTensorsEntry> entries = Named(header, path, ownName);
        WeightDifferences differences = Compare(state, entries);
        if (strict && !differences.None)
            throw new InvalidDataException($"The weights in '{path}' are not those of this network: {differences}.");

        foreach ((string name, Tensor tensor) in state)
        {
            if (!entries.TryGetValue(name, out SafeTensorsEntry? entry) || !entry.Shape.SequenceEqual(tensor.shape))
                continue;
            if (tensor.device_type == TorchSharp.DeviceType.CPU && tensor.dtype == entry.ElementType && tensor.is_contiguous())
            {
                stream.Position = header.DataStart + entry.Offset;
                stream.ReadExactly(tensor.bytes);
                continue;
            }
            using IDisposable noGradients = no_grad();
            using Tensor read = ReadTensor(stream, header, entry);
            tensor.copy_(read);
        }
        return differences;
    }

    private static Dictionary<string, SafeTensorsEntry> Named(SafeTensorsHeader header, string path, Func<string, string>? ownName)
    {
        var entries = new Dictionary<string, SafeTensorsEntry>(StringComparer.Ordinal);
        foreach (SafeTensorsEntry entry in header.Tensors)
        {
            string name = ownName?.Invoke(entry.Name) ?? entry.Name;
            if (!entries.TryAdd(name, entry))
                throw new InvalidDataException($"'{path}' has '{name}' twice: as '{entries[name].Name}' and as '{entry.Name}'.");
        }
        return entries;
    }

    private static WeightDifferences Compare(IReadOnlyList<(string Name, Tensor Tensor)> state, Dictionary<string, SafeTensorsEntry> entries)
    {
        HashSet<string> known = [.. state.Select(item => item.Name)];
        return new WeightDifferences(
            [.. state.Where(item => !entries.ContainsKey(item.Name) && !item.Name.EndsWith(BatchCounter, StringComparison.Ordinal)).Select(item => item.Name)],
            [.. entries.Where(entry => !known.Contains(entry.Key)).Select(entry => entry.Value.Name)],
            [.. state.Where(item => entries.TryGetValue(item.Name, out SafeTensorsEntry? entry) && !entry.Shape.SequenceEqual(item.Tensor.shape))
                .Select(item => $"{item.Name}: module [{string.Join(", ", item.Tensor.shape)}], file [{string.Join(", ", entries[item.Name].Shape)}]")]);
    }

    private static Tensor ReadTensor(FileStream stream, SafeTensorsHeader header, SafeTensorsEntry entry)
    {
        if (entry.ByteLength > int.MaxValue)
            throw new SafeTensorsFormatException($"Tensor '{entry.Name}' has {entry.ByteLength} bytes: tensors are read up to {int.MaxValue}.");
        long[] shape = [.. entry.Shape];
        Tensor tensor = empty(shape, dtype: entry.ElementType);
        stream.Position = header.DataStart + entry.Offset;
        stream.ReadExactly(tensor.bytes);
        return tensor;
    }

    private static FileStream Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return File.Exists(path)
            ? new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16)
            : throw new FileNotFoundException($"The weights file '{path}' does not exist.", path);
    }

    private static SafeTensorsHeader ReadHeader(FileStream stream, string path)
    {
        try
        {
            return SafeTensorsHeader.Read(stream);
        }
        catch (SafeTensorsFormatException exception)
        {
            throw new SafeTensorsFormatException($"{path}: {exception.Message}", exception);
        }
    }

    private static IEnumerable<(string, Tensor)> State(nn.Module module) =>
        module.named_parameters().Select(pair => (pair.Item1, (Tensor)pair.Item2)).Concat(module.named_buffers().Select(pair => (pair.Item1, pair.Item2)));
}
