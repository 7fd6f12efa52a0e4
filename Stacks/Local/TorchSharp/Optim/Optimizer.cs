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
            public abstract partial class Optimizer : IDisposable
            {
                protected IList<ParamGroup> _parameter_groups;

                /// <summary>Optimizers here have no native part: the handle is ignored.</summary>
                protected Optimizer(IntPtr handle)
                {
                }

                ~Optimizer() => Dispose(false);

                public virtual IEnumerable<ILearningRateController> ParamGroups => _parameter_groups;

                public void Dispose()
                {
                    Dispose(true);
                    GC.SuppressFinalize(this);
                }

                public virtual IEnumerable<Parameter> parameters() => _parameter_groups.SelectMany(group => group.Parameters);

                public virtual void zero_grad()
                {
                    foreach (var parameter in parameters()) {
                        using var grad = parameter.grad;
                        using var zeroed = grad?.zero_();
                    }
                }

                public virtual void add_param_group(ParamGroup param_group) => _parameter_groups.Add(param_group);

                public virtual Tensor step(Func<Tensor> closure = null) => closure?.Invoke();

                protected virtual void Dispose(bool disposing)
                {
                }
            }

            public interface ILearningRateController
            {
                double LearningRate { set; get; }

                double InitialLearningRate { set; get; }
            }

            public interface IMomentum
            {
                double Momentum { get; set; }
            }

            public interface IBetas
            {
                (double, double) Betas { get; set; }
            }
        }
    }
}

namespace TorchSharp.Modules
{
    using Utils;
    using static torch;
    using static torch.optim;

    /// <summary>An optimizer that keeps a state for every parameter.</summary>
    public abstract class OptimizerHelper : Optimizer
    {
        protected OptimizerOptions _defaults;
        protected OrderedDict<IntPtr, OptimizerState> _state = new();

        public OptimizerHelper() : base(IntPtr.Zero)
        {
        }

        public override void zero_grad() => base.zero_grad();

        public override IEnumerable<Parameter> parameters() => base.parameters();

        public override void add_param_group(ParamGroup param_group) => base.add_param_group(param_group);

        /// <summary>Runs the closure where gradients are recorded, then the body for each group where they are not.</summary>
        protected Tensor _step<T>(Action<T> body, Func<Tensor> loss_closure = null) where T : ParamGroup
        {
            Tensor loss = null;
            if (loss_closure is not null) {
                using (enable_grad()) loss = loss_closure();
            }
            using (no_grad())
            using (NewDisposeScope()) {
                foreach (var group in _parameter_groups) body(group as T);
            }
            return loss;
        }
    }

    public class OptimizerOptions
    {
        public double? LearningRate { get; set; }

        public double InitialLearningRate { get; set; }

        public virtual void LoadStateDict(OptimizerOptions source)
        {
            InitialLearningRate = source.InitialLearningRate;
            LearningRate = source.LearningRate;
        }
    }

    public abstract class OptimizerState
    {
        protected Parameter _parameter;

        protected OptimizerState(Parameter parameter) => _parameter = parameter;

        public abstract void LoadStateDict(OptimizerState source);

        public abstract void Initialize(OptimizerOptions options);

        public virtual bool ApproximatelyEquals(OptimizerState other) => false;

        public virtual void to(Device device)
        {
        }
    }

    public class ParamGroup : ILearningRateController
    {
        public IEnumerable<Parameter> Parameters { get; set; }

        public OptimizerOptions Options { get; set; }

        public double LearningRate { get => Options.LearningRate.Value; set => Options.LearningRate = value; }

        public double InitialLearningRate { get => Options.InitialLearningRate; set => Options.InitialLearningRate = value; }
    }

    public class ParamGroup<TOptions> : ParamGroup where TOptions : OptimizerOptions
    {
        public ParamGroup()
        {
        }

        public ParamGroup(IEnumerable<Parameter> parameters, TOptions options = null)
        {
            Parameters = parameters;
            base.Options = options;
        }

        public new TOptions Options { get => (TOptions)base.Options; set => base.Options = value; }
    }
}
