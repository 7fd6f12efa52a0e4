namespace AlexNetMl.Training;

/// <summary>Where the learning rate ε stands in the update rule with momentum m and weight decay d.</summary>
public enum VelocityForm
{
    /// <summary>Section 5: v ← m·v − d·ε·w − ε·g; w ← w + v. Where ε drops, earlier steps keep the rate they were made with.</summary>
    RateInside,

    /// <summary>torch's: v ← m·v + g + d·w; w ← w − ε·v. Where ε drops, earlier steps are scaled down with it.</summary>
    RateOutside,
}
