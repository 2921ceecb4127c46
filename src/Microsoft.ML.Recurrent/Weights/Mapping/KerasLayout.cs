using System.Text.RegularExpressions;
using Microsoft.ML.Recurrent.Kernels.Recurrent;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Weights.Files;

namespace Microsoft.ML.Recurrent.Weights.Mapping;

/// <summary>
/// Keras: kernels are [inputs, units], the gates of an LSTM are i f c o and those of a GRU z r h, with one bias or, where the reset gate comes after the
/// product, two in the rows of one. Keras 3 numbers the variables of a layer, <c>vars/0</c>; Keras 2 names them, <c>kernel:0</c>.
/// </summary>
internal sealed class KerasLayout(RecurrentWeightsOptions options) : FrameworkLayout(options)
{
    private static readonly Regex s_numbered =
        new("^(?<path>.+?)(/forward_layer|(?<backward>/backward_layer))?(/layer)?(?<cell>/cell)?/vars/(?<number>[0-9]{1,4})$", RegexOptions.CultureInvariant);

    // OldFolder: that of the layers in the archives of TensorFlow's Keras 2.12 to 2.15.
    private const string Reverse = "_reverse", OldFolder = "_layer_checkpoint_dependencies/";

    private static readonly string[] s_cell = ["kernel", "recurrent_kernel", "bias"];

    public override float NormalizationEpsilon => 1e-3f;

    public override IReadOnlyList<WeightModule> Modules(WeightsFile file, IReadOnlyList<StoredTensor> tensors)
    {
        var modules = new OrderedDictionary<string, Dictionary<string, StoredTensor>>();
        foreach (var tensor in tensors)
        {
            var (path, role) = Split(tensor.Name);
            if (!modules.TryGetValue(path, out var roles)) modules.Add(path, roles = []);
            roles[role] = tensor;
        }
        var layers = file.Configuration?.Layers ?? [];
        var found = modules.Select(module => new WeightModule(module.Key, module.Value)
        {
            Configuration = layers.FirstOrDefault(layer => layer.Path == module.Key.Replace(OldFolder, "layers/", StringComparison.Ordinal)),
        }).ToList();
        // The configuration has the order of the layers; groups are sorted by their names.
        return IsOrdered(file, found) ? [.. found.OrderBy(module => layers.TakeWhile(layer => layer != module.Configuration).Count())] : found;
    }

    /// <summary>Whether the configuration has all layers of a file.</summary>
    public override bool IsOrdered(WeightsFile file, IReadOnlyList<WeightModule> modules) => modules.All(module => module.Configuration is not null);

    protected override string Gates(CellDescriptor cell) => cell.KerasGates;

    protected override ParameterSource? Source(WeightModule module, LayerDescription layer, string parameter) => layer switch
    {
        RecurrentDescription recurrent => Recurrent(module, recurrent, parameter),
        DenseDescription or ConvolutionDescription when parameter == "weight" => ParameterSource.Transposed(Variable(module, "kernel", 0)),
        DenseDescription or ConvolutionDescription when parameter == "bias" => ParameterSource.Create(Variable(module, "bias", 1)),
        EmbeddingDescription => ParameterSource.Create(Variable(module, "embeddings", 0)),
        LayerNormDescription or BatchNormDescription => ParameterSource.Create(parameter switch
        {
            "weight" => Variable(module, "gamma", 0),
            "bias" => Variable(module, "beta", 1),
            "running_mean" => Variable(module, "moving_mean", 2),
            _ => Variable(module, "moving_variance", 3),
        }),
        _ => ParameterSource.Create(module.Find(parameter)),
    };

    private static StoredTensor? Variable(WeightModule module, string role, int number) =>
        module.Find(role) ?? module.Find(number.ToString(System.Globalization.CultureInfo.InvariantCulture));

    private static ParameterSource? Recurrent(WeightModule module, RecurrentDescription layer, string parameter)
    {
        var suffix = parameter.EndsWith(Reverse, StringComparison.Ordinal) ? Reverse : "";
        StoredTensor? Role(string name) => module.Find(name + suffix);
        switch (parameter[..^suffix.Length])
        {
            case "weight_ih": return ParameterSource.Transposed(Role("kernel"));
            case "weight_hh": return ParameterSource.Transposed(Role("recurrent_kernel"));
            case "bias_ih" or "bias_hh" when Role("bias") is { } bias:
                // Two biases are those of a GRU whose reset gate comes after the product.
                if (bias.Shape.Length == 2 != (layer.Descriptor.Has(CellOptions.ResetAfter) && !layer.ResetsBefore)) return null;
                var (source, isSecond) = (ParameterSource.Create(bias)!, parameter.StartsWith("bias_hh", StringComparison.Ordinal));
                return bias.Shape.Length == 2 ? source.Row(isSecond ? 1 : 0) : isSecond ? null : source;
            default: return null;
        }
    }

    // The layer, and the role of the tensor in it.
    private static (string Path, string Role) Split(string name)
    {
        if (s_numbered.Match(name) is { Success: true } three)
        {
            var number = int.Parse(three.Groups["number"].ValueSpan, System.Globalization.CultureInfo.InvariantCulture);
            var role = three.Groups["cell"].Success ? number < s_cell.Length ? s_cell[number] : $"{number}" : $"{number}";
            return (three.Groups["path"].Value, role + (three.Groups["backward"].Success ? Reverse : ""));
        }
        var parts = name.Split('/');
        var last = parts[^1].Split(':')[0];
        var reverse = parts.Any(part => part.StartsWith("backward_", StringComparison.Ordinal));
        return parts.Length < 2 ? ("", last) : (parts[0], last + (reverse ? Reverse : ""));
    }
}
