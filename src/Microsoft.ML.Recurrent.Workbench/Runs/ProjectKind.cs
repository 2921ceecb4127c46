namespace Microsoft.ML.Recurrent.Workbench.Runs;

/// <summary>The project that a run writes around its model.</summary>
public enum ProjectKind
{
    /// <summary>A console program.</summary>
    Console,

    /// <summary>A web program: predictions by HTTP.</summary>
    WebApi,

    /// <summary>No code.</summary>
    None,
}
