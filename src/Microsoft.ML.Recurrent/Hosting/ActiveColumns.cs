namespace Microsoft.ML.Recurrent.Hosting;

/// <summary>The active columns: of the result, of the passed-through input, and of the model's outputs.</summary>
internal readonly record struct ActiveColumns(bool[] Result, bool[] Source, bool[] Outputs)
{
    /// <summary>Whether scoring is needed.</summary>
    public bool Scores => Array.IndexOf(Outputs, true) >= 0;
}
