namespace AlexNetMl.Export;

/// <summary>Numbers that belong to channels.</summary>
internal static class Channels
{
    /// <summary>A weight [channels] as [channels, 1, …], which meets the channels of maps.</summary>
    /// <param name="suffix">The name of the tensor within the module.</param>
    /// <param name="weight">The weight's name.</param>
    /// <param name="maps">What it will be combined with.</param>
    /// <param name="context">Takes the node.</param>
    /// <returns>The tensor's name; the weight's own where the maps are vectors of channels.</returns>
    public static string Stretch(string suffix, string weight, OnnxValue maps, OnnxModuleContext context)
    {
        int axes = maps.RowShape.Count - 1;
        if (axes == 0)
        {
            return weight;
        }

        long[] shape = [maps.RowShape[0], .. Enumerable.Repeat(1L, axes)];
        return context.Prepared(suffix, "Reshape", [weight, context.Constant($"{suffix}_shape", shape)], shape);
    }

    /// <summary>The same number for everyone.</summary>
    public static float[] Filled(long count, float value)
    {
        float[] values = new float[count];
        Array.Fill(values, value);
        return values;
    }
}
