using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.ML.Recurrent.Kernels.Recurrent;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Weights.Files;

namespace Microsoft.ML.Recurrent.Weights.Mapping;

/// <summary>
/// PyTorch's state dicts, which TorchSharp and this library have too: the parameters of a module have its name as prefix. Those of a stack of recurrent layers
/// end in <c>_l0</c>, <c>_l1</c> and so on, and in <c>_reverse</c> for the second direction.
/// </summary>
internal sealed class TorchLayout(RecurrentWeightsOptions options) : FrameworkLayout(options)
{
    private static readonly Regex s_stacked = new(@"^(\w+?)_l(\d{1,4})(_reverse)?$", RegexOptions.CultureInvariant);

    public override float NormalizationEpsilon => 1e-5f;

    public override IReadOnlyList<WeightModule> Modules(WeightsFile file, IReadOnlyList<StoredTensor> tensors)
    {
        var modules = new OrderedDictionary<(string Path, int Layer), Dictionary<string, StoredTensor>>();
        foreach (var tensor in tensors)
        {
            var dot = tensor.Name.LastIndexOf('.');
            var (path, role, layer) = (dot < 0 ? "" : tensor.Name[..dot], tensor.Name[(dot + 1)..], 0);
            if (s_stacked.Match(role) is { Success: true } match)
            {
                layer = int.Parse(match.Groups[2].ValueSpan, CultureInfo.InvariantCulture);
                role = match.Groups[1].Value + match.Groups[3].Value;
            }
            if (!modules.TryGetValue((path, layer), out var roles)) modules.Add((path, layer), roles = []);
            roles[role] = tensor;
        }
        var stacks = modules.Keys.Where(key => key.Layer > 0).Select(key => key.Path).ToHashSet();
        return [.. modules.Select(module => new WeightModule(stacks.Contains(module.Key.Path) ? StackPath(module.Key.Path, module.Key.Layer) : module.Key.Path,
            module.Value))];
    }

    /// <summary>The name of a layer of a stack.</summary>
    public static string StackPath(string path, int layer) => FormattableString.Invariant($"{path}{(path.Length == 0 ? "" : ".")}l{layer}");

    protected override ParameterSource? Source(WeightModule module, LayerDescription layer, string parameter) => ParameterSource.Create(module.Find(parameter));

    protected override string Gates(CellDescriptor cell) => cell.GateLetters;
}
