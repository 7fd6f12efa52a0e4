namespace AlexNetMl.Training;

/// <summary>
/// Divides the rate by ten whenever the validation error stops improving, three times (section 5). The run is over at the plateau that follows the
/// last cut.
/// </summary>
public sealed record PlateauSchedule : LearningRateSchedule
{
    /// <summary>Epochs in a row without an improvement that make a plateau, at least 1. Default 5; the paper, where a person decided, names none.</summary>
    public int Patience { get; init; } = 5;

    /// <summary>What the error must fall by, below the lowest one so far, to count as improved; a share in [0, 1). Default 0.001, a tenth of a percent.</summary>
    public double Threshold { get; init; } = 0.001;

    /// <summary>How often the rate is cut, at least 0. Default 3, the paper's.</summary>
    public int Cuts { get; init; } = 3;

    /// <summary>What the rate is multiplied by at a cut, in (0, 1). Default 0.1, the paper's.</summary>
    public double Multiplier { get; init; } = 0.1;

    /// <inheritdoc/>
    public override bool NeedsValidation => true;

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">There are no validation errors to go by.</exception>
    public override double Factor(TrainingMoment moment) => Math.Pow(Multiplier, Math.Min(Cuts, Plateaus(moment.ValidationErrors)));

    /// <inheritdoc/>
    public override bool IsOver(TrainingMoment moment) => Plateaus(moment.ValidationErrors) > Cuts;

    /// <inheritdoc/>
    public override void Validate(int epochs)
    {
        if (Patience < 1)
            throw new ArgumentOutOfRangeException(nameof(Patience), $"A patience of {Patience} epochs: take 1 or more.");
        if (!(Threshold >= 0 && Threshold < 1))
            throw new ArgumentOutOfRangeException(nameof(Threshold), $"A threshold of {Threshold} is outside [0, 1): it is a share of the validation pictures, 0.001 is usual.");
        if (Cuts < 0)
            throw new ArgumentOutOfRangeException(nameof(Cuts), $"{Cuts} cuts: take 0 or more, 3 is the paper's.");
        if (!(Multiplier > 0 && Multiplier < 1))
            throw new ArgumentOutOfRangeException(nameof(Multiplier), $"A multiplier of {Multiplier} is outside (0, 1): 0.1 is the paper's.");
    }

    private int Plateaus(IReadOnlyList<double> errors)
    {
        int plateaus = 0, waited = 0;
        double lowest = double.PositiveInfinity;
        foreach (double error in errors)
        {
            if (double.IsNaN(error))
                throw new InvalidOperationException("A plateau schedule goes by the validation error: give validation pictures, or take a MilestoneSchedule.");
            if (error < lowest - Threshold)
                (lowest, waited) = (error, 0);
            else if (++waited == Patience)
                (plateaus, waited) = (plateaus + 1, 0);
        }
        return plateaus;
    }
}
