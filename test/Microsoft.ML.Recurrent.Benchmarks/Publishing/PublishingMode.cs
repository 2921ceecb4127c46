namespace Microsoft.ML.Recurrent.Benchmarks.Publishing;

/// <summary>A way to publish.</summary>
/// <param name="Name">The row of the table.</param>
/// <param name="Program">What is published.</param>
/// <param name="Arguments">What <c>dotnet publish</c> is told.</param>
internal sealed record PublishingMode(string Name, ScoringProgram Program, params string[] Arguments)
{
    private const string SelfContained = "--self-contained", SingleFile = "-p:PublishSingleFile=true", ReadyToRun = "-p:PublishReadyToRun=true";
    private const string Trimmed = "-p:PublishTrimmed=true";

    /// <summary>All that docs/deploying.md tells.</summary>
    public static IReadOnlyList<PublishingMode> All { get; } =
    [
        new("needs .NET on the machine", ScoringProgram.Pipeline, "--no-self-contained"),
        new("needs .NET on the machine, ReadyToRun", ScoringProgram.Pipeline, "--no-self-contained", ReadyToRun),
        new("self-contained", ScoringProgram.Pipeline, SelfContained),
        new("single file", ScoringProgram.Pipeline, SelfContained, SingleFile),
        new("single file that holds its libraries", ScoringProgram.Pipeline, SelfContained, SingleFile, "-p:IncludeNativeLibrariesForSelfExtract=true"),
        new("ReadyToRun", ScoringProgram.Pipeline, SelfContained, ReadyToRun),
        new("partial trimming", ScoringProgram.Pipeline, SelfContained, Trimmed, "-p:TrimMode=partial"),
        new("full trimming", ScoringProgram.Pipeline, SelfContained, Trimmed),
        new("full trimming, ReadyToRun, single file", ScoringProgram.Pipeline, SelfContained, Trimmed, ReadyToRun, SingleFile),
        new("exported .onnx, self-contained", ScoringProgram.OnnxRuntimeAlone, SelfContained),
        new("exported .onnx, NativeAOT", ScoringProgram.OnnxRuntimeAlone, "-p:PublishAot=true"),
    ];
}
