using Microsoft.ML.Data;

namespace Deployed.Records;

/// <summary>A row in a library of the user's own: ML.NET reads and writes its properties by reflection.</summary>
public sealed class Walk
{
    /// <summary>Eight steps of one number.</summary>
    [VectorType(8, 1)]
    public float[] Steps { get; set; } = [];

    /// <summary>Up or down.</summary>
    public string Direction { get; set; } = "";
}

/// <summary>What the model says of a walk.</summary>
public sealed class Answer
{
    /// <summary>The direction.</summary>
    public string PredictedLabel { get; set; } = "";

    /// <summary>Each direction's probability.</summary>
    public float[] Score { get; set; } = [];
}
