namespace AlexNetMl.Training;

/// <summary>How the first convolution reads its picture.</summary>
public enum AlexNetStem
{
    /// <summary><see cref="Paper"/> where the side allows it (63 and more; 64 with <see cref="AlexNetWindow.Ceiling"/>), else <see cref="Small"/>.</summary>
    Auto,

    /// <summary>The paper's 11×11 kernels, stride 4, which make 55×55 maps of 224×224 pictures (see <see cref="AlexNetWindow"/>).</summary>
    Paper,

    /// <summary>5×5 kernels, stride 1, pad 2, for pictures that stride 4 would shrink to nothing. Not in the paper.</summary>
    Small,
}

/// <summary>
/// Where conv1's windows lie: 11×11 at stride 4 fit 54 times into 224 pixels, and the paper has 55. Only the paper's stem asks.
/// </summary>
public enum AlexNetWindow
{
    /// <summary>Two rows or columns of zeros on every side, as most re-implementations have it.</summary>
    Symmetric,

    /// <summary>
    /// The first window starts at the first pixel, the last one hangs over the right and bottom edge and reads zeros there, three of them on
    /// 224×224: the released code's 1 + ⌈(side − 11) / 4⌉ windows.
    /// </summary>
    Ceiling,
}

/// <summary>In which order activation, normalization and pooling follow a convolution.</summary>
public enum AlexNetOrder
{
    /// <summary>conv1, conv2: activation, LRN, pooling; conv5: activation, pooling (sections 3.3 to 3.5).</summary>
    Paper,

    /// <summary>The released code's: conv1: LRN, pooling, activation; conv2 as in the paper; conv5: pooling, activation.</summary>
    Original2012,
}

/// <summary>Which maps local response normalization sums over.</summary>
public enum ResponseNormScope
{
    /// <summary>Neighbours among all maps of the layer, as printed in section 3.3.</summary>
    AllChannels,

    /// <summary>Neighbours among the maps of the same GPU, one half of the layer; all maps where the network has one tower only. The released code's.</summary>
    EachTower,
}

/// <summary>The nonlinearity behind every layer but the last.</summary>
public enum AlexNetActivation
{
    /// <summary>max(0, x), section 3.1.</summary>
    ReLU,

    /// <summary>tanh x, which the paper compares it with.</summary>
    Tanh,
}

/// <summary>Where the weights of a new network come from.</summary>
public enum AlexNetInitialization
{
    /// <summary>
    /// N(0, 0.01²), biases 1 in conv2, conv4, conv5, fc6 and fc7, 0 elsewhere (section 5). Meant for the full width: in a narrow network
    /// such weights let the signal die out and training starts only after many epochs.
    /// </summary>
    Paper,

    /// <summary>
    /// N(0, 2 / fan-in) and zero biases (He et al., 2015): for narrow networks and short runs. The classifier, fc8, keeps the paper's
    /// N(0, 0.01²): its first predictions are even, and the first steps can be large.
    /// </summary>
    He,

    /// <summary>As <see cref="Paper"/>, but N(0, 0.03²) in conv3, conv4 and conv5: the released code's.</summary>
    Original2012,
}
