namespace Microsoft.ML.Recurrent.Tool.Commands;

/// <summary>How much is shown.</summary>
internal enum Verbosity
{
    /// <summary>The result and errors alone.</summary>
    Quiet = -1,

    /// <summary>Progress and warnings, too.</summary>
    Minimal = 0,

    /// <summary>All messages of ML.NET, too.</summary>
    Diagnostic = 1,
}
