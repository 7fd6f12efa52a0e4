using Microsoft.ML;
using Microsoft.ML.Data;

namespace AlexNetMl.Pipelines;

/// <summary>A column that a transformer adds.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type.</param>
/// <param name="Names">What its slots or keys are called, of the kind <paramref name="NamesKind"/>; null for a column without.</param>
/// <param name="NamesKind"><see cref="SlotNames"/> or <see cref="KeyValues"/>.</param>
internal sealed record AddedColumn(string Name, DataViewType Type, IReadOnlyList<string>? Names = null, string NamesKind = AddedColumn.SlotNames)
{
    // The kinds of annotation that ML.NET looks for; its constants are internal.
    public const string SlotNames = "SlotNames";

    public const string KeyValues = "KeyValues";

    public DataViewSchema.DetachedColumn ToColumn() => new(Name, Type, Names is null ? null : Annotations(NamesKind, Names));

    private static DataViewSchema.Annotations Annotations(string kind, IReadOnlyList<string> labels)
    {
        ReadOnlyMemory<char>[] names = [.. labels.Select(label => label.AsMemory())];
        DataViewSchema.Annotations.Builder builder = new();
        builder.Add<VBuffer<ReadOnlyMemory<char>>>(kind, new VectorDataViewType(TextDataViewType.Instance, names.Length),
            (ref VBuffer<ReadOnlyMemory<char>> value) =>
            {
                // A copy: the caller may write into what it is given.
                VBufferEditor<ReadOnlyMemory<char>> editor = VBufferEditor.Create(ref value, names.Length);
                names.CopyTo(editor.Values);
                value = editor.Commit();
            });
        return builder.ToAnnotations();
    }
}
