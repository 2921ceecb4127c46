using System.Reflection;
using Microsoft.ML.Recurrent.Kernels.Recurrent;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Workbench.Code;

namespace Microsoft.ML.Recurrent.Workbench.CodeGeneration;

/// <summary>Writes the calls that make objects without public constructors.</summary>
internal static class FactoryCode
{
    /// <summary>The call of a method of a type; a method of an object begins with that object among its arguments.</summary>
    public static string Call(Type type, (string Method, object[] Arguments) made)
    {
        var method = type.GetMethod(made.Method)!;
        var receiver = method.IsStatic ? Literals.TypeName(type) : OptionsCode.Value(made.Arguments[0], 0, made.Method);
        return $"{receiver}.{made.Method}({Arguments(method, method.IsStatic ? made.Arguments : made.Arguments[1..])})";
    }

    public static string Likelihood(ForecastLikelihood likelihood)
    {
        const string Type = nameof(ForecastLikelihood);
        if (likelihood.Name == nameof(ForecastLikelihood.Point))
            return $"{Type}.Point({(likelihood.Loss is { } loss ? Literals.Enumeration(loss) : "")})";
        return likelihood.Name == nameof(ForecastLikelihood.Quantiles) ? $"{Type}.Quantiles({string.Join(", ", likelihood.Levels.Select(Literals.Number))})"
            : $"{Type}.{likelihood.Name}";
    }

    public static string Layers(SequenceNetwork network, int indent)
    {
        var margin = new string(' ', indent + 4);
        var code = $"{nameof(SequenceNetwork)}.Create()";
        var names = new HashSet<string>();
        foreach (var layer in network.Listed)
        {
            var (name, arguments) = Layer(layer, NameFor(layer, names));
            var method = typeof(SequenceNetwork).GetMethods().Where(method => method.Name == name).MaxBy(static method => method.GetParameters().Length)!;
            code += $"\n{margin}.{name}({Arguments(method, arguments)})";
            names.Add(layer.Name);
        }
        return code;
    }

    /// <summary>
    /// The arguments that differ from the method's defaults; by their names behind one that is left out, and where they are numbers or flags.
    /// </summary>
    private static string Arguments(MethodInfo method, object?[] arguments)
    {
        var parts = new List<string>();
        foreach (var (parameter, argument) in method.GetParameters().Zip(arguments))
        {
            var code = OptionsCode.Value(argument, 0, method.Name);
            if (parameter.HasDefaultValue && code == OptionsCode.Value(parameter.DefaultValue, 0, method.Name)) continue;
            parts.Add(argument is Enum or RecurrentLayerOptions && parts.Count == parameter.Position ? code : $"{parameter.Name}: {code}");
        }
        return string.Join(", ", parts);
    }

    /// <summary>The method that adds a layer, and its arguments in order.</summary>
    private static (string Method, object?[] Arguments) Layer(LayerDescription layer, string? name) => layer switch
    {
        RecurrentDescription recurrent => (nameof(SequenceNetwork.Recurrent), [recurrent.Cell, recurrent.HiddenSize, Options(recurrent, name)]),
        EmbeddingDescription embedding => (nameof(SequenceNetwork.Embedding), [embedding.Size, name]),
        DropoutDescription dropout => (nameof(SequenceNetwork.Dropout), [dropout.Rate, name, dropout.SharedOverTime]),
        DenseDescription dense => (nameof(SequenceNetwork.Dense), [dense.Units, dense.Activation, name]),
        PoolingDescription pooling => (nameof(SequenceNetwork.Pool), [pooling.Pooling, name]),
        ActivationDescription activation => (nameof(SequenceNetwork.Activation), [activation.Activation, name]),
        ConvolutionDescription convolution => (nameof(SequenceNetwork.Convolution),
            [convolution.Filters, convolution.KernelSize, convolution.Stride, convolution.Padding, convolution.Activation, name]),
        LayerNormDescription => (nameof(SequenceNetwork.LayerNorm), [name]),
        BatchNormDescription norm => (nameof(SequenceNetwork.BatchNorm), [norm.Momentum, name]),
        AttentionDescription attention => (nameof(SequenceNetwork.Attention), [attention.Form, attention.Units, name]),
        SelfAttentionDescription attention => (nameof(SequenceNetwork.SelfAttention), [attention.Heads, attention.Causal, attention.Residual, name]),
        _ => throw new ArgumentException($"There is no code for a layer of the kind {layer.GetType().Name}.", nameof(layer)),
    };

    /// <summary>The name of a layer; null where it would have that by itself: its kind, and the first number that is free.</summary>
    private static string? NameFor(LayerDescription layer, HashSet<string> names)
    {
        var kind = layer switch
        {
            RecurrentDescription recurrent => CellDescriptor.For(recurrent.Cell).Name,
            LayerNormDescription => "layer_norm",
            BatchNormDescription => "batch_norm",
            SelfAttentionDescription => "self_attention",
            _ => layer.GetType().Name.Replace("Description", "", StringComparison.Ordinal).ToLowerInvariant(),
        };
        var number = 1;
        while (names.Contains($"{kind}_{number}")) number++;
        return layer.Name == $"{kind}_{number}" ? null : layer.Name;
    }

    private static RecurrentLayerOptions? Options(RecurrentDescription layer, string? name)
    {
        var options = new RecurrentLayerOptions { Name = name };
        var differs = name is not null;
        foreach (var property in typeof(RecurrentLayerOptions).GetProperties().Where(static property => property.Name != nameof(RecurrentLayerOptions.Name)))
        {
            var value = typeof(RecurrentDescription).GetProperty(property.Name)!.GetValue(layer);
            differs |= !Equals(value, property.GetValue(options));
            property.SetValue(options, value);
        }
        return differs ? options : null;
    }
}
