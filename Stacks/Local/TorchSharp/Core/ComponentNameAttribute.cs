using System;

namespace TorchSharp.Utils;

/// <summary>The name that a field has as a module's parameter, buffer or submodule, where it is not the field's own.</summary>
public class ComponentNameAttribute : Attribute
{
    public string Name { get; set; }
}
