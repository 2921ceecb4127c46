namespace Microsoft.ML.Recurrent.Tests.Foreign;

/// <summary>What the real models of ../shared/onnx-real take.</summary>
internal static class RealModels
{
    /// <summary>The states, the constants and the shape of one step.</summary>
    public static ((string Input, string Output)[] States, (string, long)[] Scalars, long[] Shape) Describe(string file, int samples) => file switch
    {
        "silero_vad_v5.onnx" => ([("state", "stateN")], [("sr", 16000)], [1, samples]),
        "silero_vad_legacy.onnx" => ([("h", "hn"), ("c", "cn")], [("sr", 16000)], [1, samples]),
        _ => ([("conv_cache", "conv_cache_out"), ("tra_cache", "tra_cache_out"), ("inter_cache", "inter_cache_out")], [], [1, 257, 1, 2]),
    };

    /// <summary>The input that takes the step.</summary>
    public static string Input(string file) => file == "gtcrn_simple.onnx" ? "mix" : "input";
}
