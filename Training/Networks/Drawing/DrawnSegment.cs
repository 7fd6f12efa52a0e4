namespace AlexNetMl.Training;

/// <summary>A part of a picture from top to bottom: one box, or the boxes of a block, and how often it follows itself.</summary>
internal sealed class DrawnSegment
{
    private DrawnSegment(IReadOnlyList<DrawnBox> boxes)
    {
        Boxes = boxes;
        First = Last = boxes;
        (Rows, Lanes) = Place();
    }

    public IReadOnlyList<DrawnBox> Boxes { get; }

    /// <summary>Row and lane of each box.</summary>
    public Dictionary<DrawnBox, (int Row, int Lane)> Places { get; } = [];

    public int Rows { get; }

    public int Lanes { get; }

    /// <summary>How many such parts follow each other.</summary>
    public int Count { get; private set; } = 1;

    public IReadOnlyList<DrawnBox> First { get; }

    public IReadOnlyList<DrawnBox> Last { get; private set; }

    /// <summary>Whether something made above is read again below, past this part.</summary>
    public bool IsPassedBy { get; private set; }

    public string Signature => string.Join(';', Boxes.Select(box => $"{box.Signature}<{string.Join(',', Inner(box).Select(input => Places[input]))}{(TakesOutside(box) ? "^" : "")}"));

    /// <summary>The parts of a network, those alike made one.</summary>
    public static IReadOnlyList<DrawnSegment> Of(NetworkProfile profile)
    {
        var segments = new List<DrawnSegment>();
        HashSet<string> tapped = [.. profile.Auxiliaries.Select(head => head.Input)];
        List<DrawnBox> all = Boxed(profile.Layers, tapped);
        int done = 0;
        foreach (IReadOnlyList<DrawnBox> boxes in Runs(all))
        {
            HashSet<DrawnBox> above = [.. all.Take(done)];
            done += boxes.Count;
            var segment = new DrawnSegment(boxes) { IsPassedBy = all.Skip(done).Any(box => box.Inputs.Any(above.Contains)) };
            // Where a further classifier branches off, the parts before and behind it are not counted together.
            if (segments.Count > 0 && segments[^1].Signature == segment.Signature && !segments[^1].Last.Any(box => tapped.Contains(box.Last.Path)))
                (segments[^1].Count, segments[^1].Last) = (segments[^1].Count + 1, boxes);
            else
                segments.Add(segment);
        }
        return segments;
    }

    /// <summary>Boxes of this part that a box takes.</summary>
    public IEnumerable<DrawnBox> Inner(DrawnBox box) => box.Inputs.Where(Places.ContainsKey);

    /// <summary>Whether a box takes what comes from above this part.</summary>
    public bool TakesOutside(DrawnBox box) => box.Inputs.Count == 0 || box.Inputs.Any(input => !Places.ContainsKey(input));

    /// <summary>The boxes of layers: normalizations, activations and the like share the box of the layer before them, where they alone read it.</summary>
    /// <param name="layers">Layers in running order.</param>
    /// <param name="tapped">Paths of those that something outside reads as well.</param>
    public static List<DrawnBox> Boxed(IReadOnlyList<LayerProfile> layers, IReadOnlyCollection<string> tapped)
    {
        HashSet<string> blocks = [.. layers.Where(layer => layer.Kind is nameof(Sum) or nameof(Concatenation) or nameof(Product)).Select(layer => Parent(layer.Path))];
        Dictionary<string, int> users = layers.SelectMany(layer => layer.Inputs).Concat(tapped).GroupBy(path => path).ToDictionary(group => group.Key, group => group.Count());
        var boxes = new List<DrawnBox>();
        var makers = new Dictionary<string, DrawnBox>(StringComparer.Ordinal);
        foreach (LayerProfile layer in layers)
        {
            string block = BlockOf(layer.Path);
            DrawnBox? before = layer.Inputs.Count == 1 ? makers.GetValueOrDefault(layer.Inputs[0]) : null;
            if (IsMinor(layer.Kind) && before is not null && before.Last.Path == layer.Inputs[0] && before.Block == block && users[layer.Inputs[0]] == 1)
            {
                before.Append(layer);
                makers[layer.Path] = before;
                continue;
            }
            var box = new DrawnBox(layer) { Block = block, Inputs = [.. layer.Inputs.Where(makers.ContainsKey).Select(path => makers[path]).Distinct()] };
            boxes.Add(box);
            makers[layer.Path] = box;
        }
        return boxes;

        string BlockOf(string path)
        {
            for (string parent = Parent(path); parent.Length > 0; parent = Parent(parent))
            {
                if (blocks.Contains(parent))
                    return parent;
            }
            return "";
        }
    }

    private static IEnumerable<IReadOnlyList<DrawnBox>> Runs(List<DrawnBox> boxes)
    {
        for (int start = 0, end; start < boxes.Count; start = end)
        {
            for (end = start + 1; end < boxes.Count && boxes[end].Block.Length > 0 && boxes[end].Block == boxes[start].Block; end++)
            {
            }
            yield return boxes[start..end];
        }
    }

    // A box stands below all that it takes, in the lane of the first of them where that is free.
    private (int Rows, int Lanes) Place()
    {
        var taken = new HashSet<(int, int)>();
        foreach (DrawnBox box in Boxes)
        {
            DrawnBox[] inputs = [.. box.Inputs.Where(Places.ContainsKey)];
            int row = inputs.Select(input => Places[input].Row + 1).DefaultIfEmpty(0).Max();
            int lane = inputs.Length == 0 ? 0 : box.IsJoin ? inputs.Min(input => Places[input].Lane) : Places[inputs[0]].Lane;
            while (!taken.Add((row, lane)))
                lane++;
            Places[box] = (row, lane);
        }
        // What is added to from above, an identity shortcut, passes by in a lane of its own.
        int lanes = Places.Values.Max(place => place.Lane) + 1;
        bool passes = Boxes.Any(box => box.IsJoin && TakesOutside(box) && Places[box].Row > 0);
        return (Places.Values.Max(place => place.Row) + 1, lanes + (passes ? 1 : 0));
    }

    private static bool IsMinor(string kind) => kind is "BatchNorm2d" or "BatchNorm1d" or "ReLU" or "Tanh" or "Dropout" or "Flatten" or "Identity" or "FusedLocalResponseNorm" or "LocalResponseNorm";

    private static string Parent(string path) => path.LastIndexOf('.') is > 0 and var dot ? path[..dot] : "";
}
