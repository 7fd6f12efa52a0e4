using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

public sealed partial class ModelOperationsCatalog
{
    /// <summary>Saves a model of built-in transformers, and the schema of the data it takes (null for none).</summary>
    public void Save(ITransformer model, DataViewSchema inputSchema, Stream stream)
    {
        Errors.NotNull(model, nameof(model));
        Errors.NotNull(stream, nameof(stream));
        stream.Write(ModelFile.Write(model, inputSchema));
    }

    /// <summary>As the other overload; the file appears when all of it is written.</summary>
    public void Save(ITransformer model, DataViewSchema inputSchema, string filePath)
    {
        Errors.NotNull(model, nameof(model));
        Errors.NotEmpty(filePath, nameof(filePath));
        byte[] file = ModelFile.Write(model, inputSchema);
        string beside = $"{filePath}.{Path.GetRandomFileName()}";
        try
        {
            File.WriteAllBytes(beside, file);
            File.Move(beside, filePath, overwrite: true);
        }
        finally
        {
            File.Delete(beside);
        }
    }

    public ITransformer Load(Stream stream, out DataViewSchema inputSchema)
    {
        Errors.NotNull(stream, nameof(stream));
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return ModelFile.Read(copy.ToArray(), (IHostEnvironmentInternal)_environment, out inputSchema);
    }

    public ITransformer Load(string filePath, out DataViewSchema inputSchema)
    {
        Errors.NotEmpty(filePath, nameof(filePath));
        return ModelFile.Read(File.ReadAllBytes(filePath), (IHostEnvironmentInternal)_environment, out inputSchema);
    }
}
