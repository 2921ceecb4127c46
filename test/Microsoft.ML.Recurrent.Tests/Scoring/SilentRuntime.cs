using Microsoft.ML.Recurrent.Scoring;

namespace Microsoft.ML.Recurrent.Tests.Scoring;

/// <summary>Tests open sessions of ONNX Runtime directly, too: it must not report on them either.</summary>
[TestClass]
public static class SilentRuntime
{
    [AssemblyInitialize]
    public static void SwitchTelemetryOff(TestContext _) => RuntimeTelemetry.SwitchOff();
}
