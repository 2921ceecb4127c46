namespace Microsoft.ML.Recurrent.Architecture.Tests.Folders;

/// <summary>
/// The references between folders that lie on a circle and are still allowed. A reference that is not here and closes a circle fails the test; one that is gone
/// is taken out here.
/// </summary>
internal static class KnownCircles
{
    /// <summary>Of Core: none.</summary>
    public static readonly string[] Core = [];

    /// <summary>Of the main assembly. Target: none but those of the circles that docs/architecture.md names.</summary>
    public static readonly string[] Main =
    [
        "(root) -> Data", "(root) -> Forecasting", "(root) -> Hosting", "(root) -> Onnx", "(root) -> Scoring",
        "Classification -> (root)", "Classification -> Data", "Classification -> Hosting", "Classification -> Onnx", "Classification -> Training",
        "Data -> (root)",
        "Forecasting -> (root)", "Forecasting -> Data", "Forecasting -> Hosting", "Forecasting -> Onnx", "Forecasting -> Regression",
        "Forecasting -> Scoring", "Forecasting -> Training",
        "Hosting -> (root)", "Hosting -> Onnx", "Hosting -> Scoring",
        "Onnx -> (root)", "Onnx -> Classification", "Onnx -> Forecasting", "Onnx -> Scoring", "Onnx -> Text",
        "Regression -> (root)", "Regression -> Data", "Regression -> Hosting", "Regression -> Onnx", "Regression -> Training",
        "Scoring -> (root)", "Scoring -> Data", "Scoring -> Hosting", "Scoring -> Onnx",
        "Text -> (root)", "Text -> Data", "Text -> Hosting", "Text -> Onnx", "Text -> Scoring", "Text -> Training",
        "Training -> (root)", "Training -> Data", "Training -> Forecasting", "Training -> Hosting", "Training -> Onnx",
    ];
}
