using Microsoft.ML.Recurrent.Kernels.Recurrent;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Weights.Files;

namespace Microsoft.ML.Recurrent.Weights.Mapping;

/// <summary>What the configuration of a Keras model says of its layers beside their weights; empty for other files.</summary>
internal sealed class KerasSettings
{
    private readonly Dictionary<string, float> _epsilons = [];

    private KerasSettings()
    {
    }

    /// <summary>The activation of the head.</summary>
    public OutputActivation Activation { get; private set; }

    /// <summary>The epsilon of a normalization; null if it is not known.</summary>
    public float? Epsilon(string layer) => _epsilons.TryGetValue(layer, out var epsilon) ? epsilon : null;

    /// <summary>Reads the configurations of the matched layers.</summary>
    /// <exception cref="ArgumentException">A layer computes something else than the described one.</exception>
    public static KerasSettings Read(WeightsMatch match)
    {
        var settings = new KerasSettings();
        foreach (var (layer, module) in match.Modules)
        {
            if (module.Configuration is not { } own) continue;
            if (own.Number("epsilon") is { } epsilon) settings._epsilons[layer.Name] = (float)epsilon;
            if (layer is RecurrentDescription recurrent) Check(recurrent, own);
            else if (layer == match.Head) settings.Activation = OutputOf(own);
            else if (layer is DenseDescription dense)
                Check(layer, own, "activation", dense.Activation.ToString(), own.Text("activation") ?? "linear", "linear");
        }
        return settings;
    }

    private static void Check(RecurrentDescription layer, KerasLayer own)
    {
        if (own.Class.Length > 0 && !own.Class.Equals(layer.Cell.ToString(), StringComparison.OrdinalIgnoreCase)) throw Differs(layer, own, "class", own.Class);
        if (own.Is("go_backwards")) throw Differs(layer, own, "go_backwards", "true");
        var cell = layer.Descriptor;
        Check(layer, own, "activation", cell.Has(CellOptions.Activation) ? layer.Activation.ToString() : nameof(RecurrentActivation.Tanh),
            own.Text("activation") ?? "tanh", "");
        if (cell.KerasGates.Length > 0) Check(layer, own, "recurrent_activation", "Sigmoid", own.Text("recurrent_activation") ?? "sigmoid", "");
        if (cell.Has(CellOptions.ResetAfter) && own.Is("reset_after") == layer.ResetsBefore)
            throw Differs(layer, own, "reset_after", own.Is("reset_after") ? "true" : "false");
    }

    private static void Check(LayerDescription layer, KerasLayer own, string setting, string wanted, string given, string identity)
    {
        if (given == identity && wanted == nameof(DenseActivation.Identity)) return;
        if (!given.Replace("_", "", StringComparison.Ordinal).Equals(wanted, StringComparison.OrdinalIgnoreCase)) throw Differs(layer, own, setting, given);
    }

    private static OutputActivation OutputOf(KerasLayer head) => head.Text("activation") switch
    {
        null or "linear" => OutputActivation.Identity,
        "sigmoid" => OutputActivation.Sigmoid,
        "softmax" => OutputActivation.Softmax,
        "log_softmax" => OutputActivation.LogSoftmax,
        var other => throw new ArgumentException(
            $"The last layer '{head.Path}' has the activation {other}: describe it as a dense layer with that activation.", "network"),
    };

    private static ArgumentException Differs(LayerDescription layer, KerasLayer own, string setting, string given) => new(
        $"The layer '{own.Path}' of the file has {setting} = {given}, but the layer '{layer.Name}' of the network is described otherwise"
            + (layer is RecurrentDescription ? ", or cannot be so." : "."), "network");
}
