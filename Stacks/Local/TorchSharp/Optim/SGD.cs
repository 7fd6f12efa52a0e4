using System;
using System.Collections.Generic;
using System.Linq;
using TorchSharp.Modules;

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class optim
        {
            public static Modules.SGD SGD(
                IEnumerable<Parameter> parameters, double learningRate, double momentum = 0, double dampening = 0, double weight_decay = 0,
                bool nesterov = false, bool maximize = false) =>
                new(parameters, learningRate, momentum, dampening, weight_decay, nesterov, maximize);

            public static Modules.SGD SGD(
                IEnumerable<(string name, Parameter parameter)> parameters, double learningRate, double momentum = 0,
                double dampening = 0, double weight_decay = 0, bool nesterov = false, bool maximize = false) =>
                new(parameters.Select(pair => pair.parameter), learningRate, momentum, dampening, weight_decay, nesterov, maximize);

            public static Modules.SGD SGD(
                IEnumerable<SGD.ParamGroup> parameters, double learningRate, double momentum = 0.0, double dampening = 0,
                double weight_decay = 0, bool nesterov = false, bool maximize = false) =>
                new(parameters, learningRate, momentum, dampening, weight_decay, nesterov, maximize);
        }
    }
}

namespace TorchSharp.Modules
{
    using static torch;
    using static torch.optim;

    /// <summary>Steepest descent with momentum: v ← m·v + (1 − d)·(g + w·p), at first v = g + w·p; p ← p − lr·v.</summary>
    public class SGD : OptimizerHelper, IMomentum
    {
        public SGD(
            IEnumerable<Parameter> parameters, double lr, double momentum = 0.0, double dampening = 0, double weight_decay = 0,
            bool nesterov = false, bool maximize = false)
            : this([new ParamGroup { Parameters = parameters }], lr, momentum, dampening, weight_decay, nesterov, maximize)
        {
        }

        public SGD(
            IEnumerable<ParamGroup> parameters, double lr, double momentum = 0.0, double dampening = 0, double weight_decay = 0,
            bool nesterov = false, bool maximize = false)
        {
            if (lr < 0.0) throw new ArgumentException($"Invalid learning rate: {lr}");
            if (momentum < 0.0) throw new ArgumentException($"Invalid momentum value: {momentum}");
            if (weight_decay < 0.0) throw new ArgumentException($"Invalid weight_decay value: {weight_decay}");
            if (nesterov && (momentum <= 0 || dampening != 0)) {
                throw new ArgumentException("Nesterov momentum requires a momentum and zero dampening");
            }
            _defaults = new Options {
                LearningRate = lr,
                InitialLearningRate = lr,
                dampening = dampening,
                maximize = maximize,
                momentum = momentum,
                nesterov = nesterov,
                weight_decay = weight_decay,
            };
            _parameter_groups = new List<Modules.ParamGroup>();
            foreach (var group in parameters) add_param_group(group);
        }

        public double Momentum {
            get => ((Options)_defaults).momentum.Value;
            set => ((Options)_defaults).momentum = value;
        }

        public override Tensor step(Func<Tensor> closure = null) => _step<ParamGroup>(Step, closure);

        public override void add_param_group(Modules.ParamGroup param_group)
        {
            var defaults = (Options)_defaults;
            param_group.Options ??= new Options();
            var options = (Options)param_group.Options;
            options.LearningRate ??= defaults.LearningRate;
            options.momentum ??= defaults.momentum;
            options.dampening ??= defaults.dampening;
            options.weight_decay ??= defaults.weight_decay;
            options.nesterov ??= defaults.nesterov;
            options.maximize ??= defaults.maximize;
            options.InitialLearningRate = options.LearningRate.Value;
            _parameter_groups.Add(param_group);
            foreach (var parameter in param_group.Parameters) {
                var state = new State(parameter);
                _state[parameter.Handle] = state;
                state.Initialize(options);
            }
        }

        protected override void Dispose(bool disposing)
        {
            base.Dispose(disposing);
            if (!disposing) return;
            foreach (var (_, state) in _state) ((State)state).Dispose();
            _state.Clear();
        }

        private void Step(ParamGroup group)
        {
            var options = group.Options;
            var momentum = options.momentum.Value;
            foreach (var parameter in group.Parameters) {
                var state = (State)_state[parameter.handle];
                var grad = parameter.grad;
                if (grad is null) continue;
                if (options.weight_decay.Value != 0) grad = grad.add(parameter, options.weight_decay.Value);
                if (momentum != 0) {
                    if (state.momentum_buffer is { } buffer) buffer.mul_(momentum).add_(grad, 1 - options.dampening.Value);
                    else state.momentum_buffer = grad.clone().DetachFromDisposeScope();
                    grad = options.nesterov.Value ? grad.add(state.momentum_buffer, momentum) : state.momentum_buffer;
                }
                var rate = options.LearningRate.Value;
                parameter.add_(grad, options.maximize.Value ? rate : -rate);
            }
        }

        public sealed class State : OptimizerState, IDisposable
        {
            public Tensor momentum_buffer;

            public State(Parameter parameter) : base(parameter)
            {
            }

            public void Dispose()
            {
                momentum_buffer?.Dispose();
                GC.SuppressFinalize(this);
            }

            public override void Initialize(OptimizerOptions options)
            {
                momentum_buffer?.Dispose();
                momentum_buffer = null;
            }

            public override void LoadStateDict(OptimizerState source)
            {
                momentum_buffer?.Dispose();
                momentum_buffer = ((State)source).momentum_buffer.to(_parameter.device, copy: true);
            }

            public override bool ApproximatelyEquals(OptimizerState other) =>
                other is State state && (momentum_buffer is null || momentum_buffer.allclose(state.momentum_buffer));

            public override void to(Device device) => momentum_buffer = momentum_buffer?.to(device);
        }

        public class Options : OptimizerOptions
        {
            public double? momentum;
            public double? dampening;
            public double? weight_decay;
            public bool? nesterov;
            public bool? maximize;

            public override void LoadStateDict(OptimizerOptions source)
            {
                base.LoadStateDict(source);
                var options = (Options)source;
                momentum = options.momentum;
                dampening = options.dampening;
                weight_decay = options.weight_decay;
                nesterov = options.nesterov;
                maximize = options.maximize;
            }
        }

        public class ParamGroup : ParamGroup<Options>, IMomentum
        {
            public ParamGroup()
            {
            }

            public ParamGroup(IEnumerable<Parameter> parameters, Options options) : base(parameters, options)
            {
            }

            public ParamGroup(
                IEnumerable<Parameter> parameters, double lr = 1e-3, double momentum = 0.0, double dampening = 0, double weight_decay = 0,
                bool nesterov = false, bool maximize = false)
                : base(parameters, new Options {
                    LearningRate = lr,
                    dampening = dampening,
                    momentum = momentum,
                    weight_decay = weight_decay,
                    nesterov = nesterov,
                    maximize = maximize,
                })
            {
            }

            public double Momentum { get => Options.momentum.Value; set => Options.momentum = value; }
        }
    }
}
