namespace Microsoft.ML.Recurrent.Hosting;

/// <summary>Which columns are active: of the result, of the input as they pass through, and of the model's outputs.</summary>
internal readonly record struct ActiveColumns(bool[] Result, bool[] Source, bool[] Outputs)
{
    /// <summary>Whether anything has to be scored at all.</summary>
    public bool Scores => Array.IndexOf(Outputs, true) >= 0;
}
