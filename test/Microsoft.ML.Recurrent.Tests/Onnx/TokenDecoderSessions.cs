using Microsoft.ML.Recurrent.Model;
using Microsoft.ML.Recurrent.Onnx;
using Microsoft.ML.Recurrent.Translation;

namespace Microsoft.ML.Recurrent.Tests.Onnx;

/// <summary>Sessions of the graphs of small models.</summary>
internal static class TokenDecoderSessions
{
    public static DecoderSessions Create(RecurrentModel model) => Create(TokenDecoderGraphs.Create(model), model.Identity);

    public static DecoderSessions Create(TokenDecoderGraphs graphs, string identity) =>
        new(graphs, ModelBytes.Create(graphs.Encoder, null), ModelBytes.Create(graphs.Step, null), identity, ScoringOptions.Default);
}
