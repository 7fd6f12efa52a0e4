#nullable enable
using System;
using System.Collections.Generic;
using System.Linq;
using TorchSharp.Modules;

namespace TorchSharp;

// What is inside a module, by name.
public static partial class torch
{
    public static partial class nn
    {
        public partial class Module
        {
            public virtual IEnumerable<(string name, Parameter parameter)> named_parameters(bool recurse = true)
            {
                var seen = new HashSet<IntPtr> { IntPtr.Zero };
                foreach (var (name, parameter) in _internal_params) {
                    if (seen.Add(parameter.handle)) yield return (name, parameter);
                }
                if (!recurse) yield break;
                foreach (var (prefix, module) in _internal_submodules) {
                    foreach (var (name, parameter) in module.named_parameters(true)) {
                        if (seen.Add(parameter.handle)) yield return ($"{prefix}.{name}", parameter);
                    }
                }
            }

            public virtual IEnumerable<(string name, Tensor buffer)> named_buffers(bool recurse = true, bool include_nonpersistent = true)
            {
                var seen = new HashSet<IntPtr> { IntPtr.Zero };
                foreach (var (name, (buffer, persistent)) in _internal_buffers) {
                    // The package leaves buffers that are not persistent out in any case.
                    if (persistent && seen.Add(buffer.handle)) yield return (name, buffer);
                }
                if (!recurse) yield break;
                foreach (var (prefix, module) in _internal_submodules) {
                    foreach (var (name, buffer) in module.named_buffers(true, include_nonpersistent)) {
                        if (seen.Add(buffer.handle)) yield return ($"{prefix}.{name}", buffer);
                    }
                }
            }

            public virtual IEnumerable<(string name, Module module)> named_children() => _internal_submodules;

            public virtual IEnumerable<(string name, Module module)> named_modules()
            {
                foreach (var child in _internal_submodules) yield return child;
                foreach (var (prefix, child) in _internal_submodules) {
                    foreach (var (name, module) in child.named_modules()) yield return ($"{prefix}.{name}", module);
                }
            }

            public virtual IEnumerable<Parameter> parameters(bool recurse = true) =>
                named_parameters(recurse).Select(pair => pair.parameter);

            public virtual IEnumerable<Tensor> buffers(bool recurse = true, bool include_nonpersistent = true) =>
                named_buffers(recurse, include_nonpersistent).Select(pair => pair.buffer);

            public virtual IEnumerable<Module> modules() => named_modules().Select(pair => pair.module);

            public virtual IEnumerable<Module> children() => named_children().Select(pair => pair.module);

            public virtual bool has_parameter(string target) => get_parameter(target) is not null;

            public virtual bool has_buffer(string target) => get_buffer(target) is not null;

            public virtual Parameter? get_parameter(string target) => _internal_params.TryGetValue(target, out var parameter)
                ? parameter : InChild(target, (child, rest) => child.get_parameter(rest));

            public virtual Tensor? get_buffer(string target)
            {
                ArgumentNullException.ThrowIfNull(target);
                return _internal_buffers.TryGetValue(target, out var buffer)
                    ? buffer.Item1 : InChild(target, (child, rest) => child.get_buffer(rest));
            }

            public virtual Dictionary<string, Tensor> state_dict(Dictionary<string, Tensor>? destination = null, string? prefix = null)
            {
                destination ??= [];
                string Key(string name) => string.IsNullOrEmpty(prefix) ? name : $"{prefix}.{name}";
                foreach (var (name, parameter) in named_parameters()) destination.TryAdd(Key(name), parameter);
                foreach (var (name, buffer) in named_buffers(include_nonpersistent: false)) destination.TryAdd(Key(name), buffer);
                foreach (var (name, module) in _internal_submodules) module.state_dict(destination, Key(name));
                return destination;
            }

            public virtual (IList<string> missing_keys, IList<string> unexpected_keyes) load_state_dict(
                Dictionary<string, Tensor> source, bool strict = true, IList<string>? skip = null)
            {
                skip ??= [];
                var destination = state_dict();
                var unexpected = source.Keys.Where(key => !skip.Contains(key) && !destination.ContainsKey(key)).ToList();
                var missing = destination.Keys.Where(key => !skip.Contains(key) && !source.ContainsKey(key)).ToList();
                if (strict && (missing.Count > 0 || unexpected.Count > 0)) {
                    throw new InvalidOperationException("The loaded state_dict is not identical to the target dictionary.");
                }
                // Copying into a leaf that wants gradients is refused otherwise.
                using var mode = no_grad();
                foreach (var (key, value) in source) {
                    if (!skip.Contains(key) && destination.TryGetValue(key, out var target)) target.copy_(value);
                }
                return (missing, unexpected);
            }

            private T? InChild<T>(string target, Func<Module, string, T?> find) where T : class
            {
                var dot = target.IndexOf('.', StringComparison.Ordinal);
                if (dot < 0) return null;
                foreach (var (name, child) in named_children()) {
                    if (name == target[..dot] && find(child, target[(dot + 1)..]) is { } found) return found;
                }
                return null;
            }
        }
    }
}
