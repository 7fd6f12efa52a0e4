#nullable enable
using System;
using System.Collections.Generic;
using System.Linq;
using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class utils
        {
            /// <summary>Scales all gradients so that their common norm is at most max_norm; returns what it was before.</summary>
            public static double clip_grad_norm_(IEnumerable<Parameter> tensors, double max_norm, double norm_type = 2.0)
            {
                using var scope = NewDisposeScope();
                using var mode = no_grad();
                var grads = tensors.Select(parameter => parameter.grad).OfType<Tensor>().ToList();
                if (grads.Count == 0) return 0;
                var norms = stack(grads.Select(grad => grad.norm((float)norm_type)));
                var total = norms.norm((float)norm_type).ToDouble();
                var factor = Math.Min(1, max_norm / (total + 1e-6));
                foreach (var grad in grads) grad.mul_(factor);
                return total;
            }

            public static void clip_grad_value_(IEnumerable<Parameter> tensors, double clip_value)
            {
                using var mode = no_grad();
                foreach (var parameter in tensors) {
                    using var grad = parameter.grad;
                    grad?.clamp_((Scalar)(-clip_value), (Scalar)clip_value);
                }
            }
        }
    }
}
