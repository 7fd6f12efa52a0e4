using System.Text.Json.Serialization;

namespace AlexNetMl.Training;

/// <summary>A point of a run.</summary>
/// <param name="Progress">Epochs done, fractions included: in [0, <paramref name="Epochs"/>].</param>
/// <param name="Epochs">Epochs of the whole run.</param>
/// <param name="ValidationErrors">Share of wrong predictions on the validation pictures after each epoch done, 0 to 1; NaN without any.</param>
public readonly record struct TrainingMoment(double Progress, int Epochs, IReadOnlyList<double> ValidationErrors);

/// <summary>How the learning rate changes over a run: a factor on <see cref="TrainerOptions.LearningRate"/> for every step.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(ConstantSchedule), "constant")]
[JsonDerivedType(typeof(MilestoneSchedule), "milestones")]
[JsonDerivedType(typeof(PlateauSchedule), "plateau")]
[JsonDerivedType(typeof(OneCycleSchedule), "one-cycle")]
public abstract record LearningRateSchedule
{
    /// <summary>The same rate throughout.</summary>
    public static LearningRateSchedule Constant { get; } = new ConstantSchedule();

    /// <summary>The factor at a point of the run: a function of that point alone, so that a resumed run goes on as it would have.</summary>
    /// <param name="moment">The point.</param>
    public abstract double Factor(TrainingMoment moment);

    /// <summary>Whether the schedule ends the run here, before its last epoch. Asked between two epochs.</summary>
    /// <param name="moment">The point.</param>
    public virtual bool IsOver(TrainingMoment moment) => false;

    /// <summary>Whether it goes by the validation error, so that a run without validation pictures cannot use it.</summary>
    public virtual bool NeedsValidation => false;

    /// <summary>Checks the values against the length of the run.</summary>
    /// <param name="epochs">Epochs of the whole run.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    public virtual void Validate(int epochs)
    {
    }
}

/// <summary>The same rate throughout.</summary>
public sealed record ConstantSchedule : LearningRateSchedule
{
    /// <inheritdoc/>
    public override double Factor(TrainingMoment moment) => 1;
}

/// <summary>The rate is multiplied by <see cref="Multiplier"/> at each of the given points.</summary>
public sealed record MilestoneSchedule : LearningRateSchedule
{
    /// <summary>Points in epochs at which the rate changes, fractions allowed. Default none.</summary>
    public IReadOnlyList<double> Epochs { get; init; } = [];

    /// <summary>What the rate is multiplied by at each point, positive. Default 0.1, the paper's.</summary>
    public double Multiplier { get; init; } = 0.1;

    /// <inheritdoc/>
    public override double Factor(TrainingMoment moment) => Math.Pow(Multiplier, Epochs.Count(point => moment.Progress >= point));

    /// <inheritdoc/>
    public override void Validate(int epochs)
    {
        if (!(Multiplier > 0))
            throw new ArgumentOutOfRangeException(nameof(Multiplier), $"A multiplier of {Multiplier}: take a positive one, 0.1 is usual.");
        foreach (double point in Epochs)
        {
            if (!(point >= 0))
                throw new ArgumentOutOfRangeException(nameof(Epochs), $"A milestone at epoch {point}: take 0 or more.");
        }
    }
}

/// <summary>
/// A linear rise from <see cref="Start"/> to the full rate over <see cref="Warmup"/> of the run, then a fall to zero along half a cosine or a
/// straight line: "one cycle", the quickest way to a good network where only a few epochs can be had (Smith and Topin, 2019).
/// </summary>
public sealed record OneCycleSchedule : LearningRateSchedule
{
    /// <summary>Share of the run that the rate rises, in [0, 1). Default 0.2; 0 starts at the full rate.</summary>
    public double Warmup { get; init; } = 0.2;

    /// <summary>The factor at the first step, in (0, 1]. Default 0.05.</summary>
    public double Start { get; init; } = 0.05;

    /// <summary>Whether the fall is half a cosine (default) or a straight line.</summary>
    public bool Cosine { get; init; } = true;

    /// <inheritdoc/>
    public override double Factor(TrainingMoment moment)
    {
        double done = moment.Progress / moment.Epochs;
        if (done < Warmup)
            return Start + (1 - Start) * done / Warmup;
        double fall = Math.Min(1, (done - Warmup) / (1 - Warmup));
        return Cosine ? (1 + Math.Cos(Math.PI * fall)) / 2 : 1 - fall;
    }

    /// <inheritdoc/>
    public override void Validate(int epochs)
    {
        if (!(Warmup >= 0 && Warmup < 1))
            throw new ArgumentOutOfRangeException(nameof(Warmup), $"A warm-up of {Warmup} of the run is outside [0, 1): 0.2 is usual.");
        if (!(Start > 0 && Start <= 1))
            throw new ArgumentOutOfRangeException(nameof(Start), $"A start at {Start} of the rate is outside (0, 1]: 0.05 is usual.");
    }
}
