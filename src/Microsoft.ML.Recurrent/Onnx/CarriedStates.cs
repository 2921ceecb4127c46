using System.Collections.Immutable;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Onnx.Layers;

namespace Microsoft.ML.Recurrent.Onnx;

/// <summary>The states of a model that carries them along a series, as inputs (<c>lstm_1.h</c>, and <c>lstm_1.c</c> of a cell with a memory) and outputs
/// (<c>lstm_1.h.next</c>) of its graph.</summary>
internal static class CarriedStates
{
    /// <summary>The states of some layers.</summary>
    public static ImmutableArray<StateColumn> Create(IEnumerable<LayerDescription> layers) => [.. layers.OfType<RecurrentDescription>().SelectMany(layer =>
        new[] { State(Hidden(layer), LoopExporter.IsNeeded(layer) ? layer.StateSize : layer.HiddenSize) }
            .Concat(layer.Descriptor.HasMemory ? [State(Memory(layer), layer.HiddenSize)] : []))];

    /// <summary>The states with which a layer begins.</summary>
    public static RecurrentEnd Begin(RecurrentDescription layer) => new("", Hidden(layer), layer.Descriptor.HasMemory ? Memory(layer) : null);

    /// <summary>Declares the outputs.</summary>
    public static void End(OnnxModelBuilder graph, Dictionary<string, (RecurrentNode? Node, RecurrentEnd End)> ends, ModelManifest manifest)
    {
        var states = manifest.States!.Value.ToDictionary(state => state.Input);
        foreach (var (name, (_, end)) in ends)
        {
            Write(states[name + ".h"], end.Unprojected);
            if (states.TryGetValue(name + ".c", out var memory)) Write(memory, end.C!);
        }

        void Write(StateColumn state, string tensor) => graph.Output(state.Output, tensor, OnnxType.Single, 1, NetworkExporter.SeriesAxis, state.Size);
    }

    private static StateColumn State(string name, int size) => new(name, name + ".next", size);

    private static string Hidden(RecurrentDescription layer) => layer.Name + ".h";

    private static string Memory(RecurrentDescription layer) => layer.Name + ".c";
}
