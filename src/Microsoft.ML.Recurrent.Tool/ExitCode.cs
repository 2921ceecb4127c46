namespace Microsoft.ML.Recurrent.Tool;

/// <summary>Exit codes of the tool.</summary>
internal static class ExitCode
{
    public const int Success = 0;
    public const int Failure = 1;
    public const int Usage = 2;
    public const int Cancelled = 130;
}
