using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Recurrent.Model;

namespace Microsoft.ML.Recurrent.Tests.Onnx;

/// <summary>Rows of tokens as the inputs of an encoder graph.</summary>
internal static class TokenDecoderInputs
{
    public static Dictionary<string, OrtValue> Create(ModelManifest manifest, TestRows rows)
    {
        var inputs = new Dictionary<string, OrtValue>
        {
            [manifest.Inputs[0].Name] = OrtValue.CreateTensorValueFromMemory(rows.PaddedTokens(), [rows.Count, rows.Time]),
        };
        if (manifest.HasLengths)
            inputs.Add(ModelManifest.LengthInput, OrtValue.CreateTensorValueFromMemory(rows.Lengths.Select(length => (long)length).ToArray(), [rows.Count]));
        return inputs;
    }

    /// <summary>One of the rows, alone.</summary>
    public static TestRows Only(this TestRows rows, int row) => new()
    {
        Count = 1, Time = rows.Lengths[row], Lengths = [rows.Lengths[row]], Values = [rows.Values[row]], Tokens = [rows.Tokens[row]], Statics = [],
        Features = rows.Features,
    };
}
