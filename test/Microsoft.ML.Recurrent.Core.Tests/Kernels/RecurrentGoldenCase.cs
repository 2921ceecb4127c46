using System.Text.Json;
using Microsoft.ML.Recurrent.Kernels;
using Microsoft.ML.Recurrent.Kernels.Recurrent;
using Microsoft.ML.Recurrent.Tensors;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Core.Tests.Kernels;

/// <summary>A golden recurrent network, forward and backward, run as a stack of single kernel calls.</summary>
internal sealed unsafe class RecurrentGoldenCase
{
    private readonly JsonElement _golden;
    private readonly CpuKernels _kernels;
    private readonly string _name;
    private readonly int _time, _batch, _inputs, _hidden, _layers, _directions;
    private readonly List<Tensor> _rented = [];
    private readonly Dictionary<string, (Tensor Value, Tensor Gradient)> _weights = [];
    private readonly int[]? _lengths;

    private RecurrentGoldenCase(JsonElement golden, CpuKernels kernels, string name)
    {
        (_golden, _kernels) = (golden, kernels);
        _name = $"{name} ({golden.GetProperty("kind").GetString()}, {kernels.Name})";
        (_time, _batch) = (golden.GetProperty("time").GetInt32(), golden.GetProperty("batch").GetInt32());
        (_inputs, _hidden) = (golden.GetProperty("inputSize").GetInt32(), golden.GetProperty("hiddenSize").GetInt32());
        _layers = golden.GetProperty("layers").GetInt32();
        _directions = golden.GetProperty("bidirectional").GetBoolean() ? 2 : 1;
        var lengths = golden.GetProperty("lengths");
        _lengths = lengths.ValueKind == JsonValueKind.Null ? null : [.. lengths.EnumerateArray().Select(l => l.GetInt32())];
        foreach (var weight in golden.GetProperty("weights").EnumerateObject())
        {
            var value = Rent(weight.Value)!;
            _weights[weight.Name] = (value, Keep(Tensor.Zeros(value.Shape)));
        }
    }

    public static void Run(JsonElement golden, CpuKernels kernels, string name)
    {
        var test = new RecurrentGoldenCase(golden, kernels, name);
        test.Run();
        test._rented.ForEach(tensor => tensor.Dispose());
    }

    private void Run()
    {
        int state = _batch * _hidden, width = _directions * _hidden;
        Tensor x = Rent(_golden.GetProperty("x"))!, hn = Zeros(_layers * _directions * state), cn = Zeros(_layers * _directions * state);
        Tensor? h0 = Rent(_golden.GetProperty("h0")), c0 = Rent(_golden.GetProperty("c0"));
        JsonElement upstream = _golden.GetProperty("upstream"), expected = _golden.GetProperty("grads");
        Tensor dy = Rent(upstream.GetProperty("y"))!, dhn = Rent(upstream.GetProperty("hn"))!;
        var dcn = upstream.TryGetProperty("cn", out var c) ? Rent(c) : null;
        Tensor dh0 = Zeros(_layers * _directions * state), dc0 = Zeros(_layers * _directions * state);
        var inputs = new List<Tensor> { x };
        var workspaces = new List<RecurrentWorkspace>();
        fixed (int* lengths = _lengths)
        {
            for (var layer = 0; layer < _layers; layer++)
            {
                Tensor y = Keep(Tensor.Rent(new Shape(_time, _batch, width))), evaluated = Keep(Tensor.Rent(y.Shape));
                y.Span.Fill(float.NaN);
                for (var d = 0; d < _directions; d++)
                {
                    var arguments = Arguments(layer, d, inputs[layer], h0, c0, lengths);
                    var slot = ((layer * _directions) + d) * (nint)state;
                    arguments.YRow = width;
                    arguments.Y = evaluated.Pointer + (d * _hidden);
                    arguments.Hn = hn.Pointer + slot;
                    arguments.Cn = cn.Pointer + slot;
                    RecurrentKernel.Forward(arguments, null, _kernels);
                    arguments.Y = y.Pointer + (d * _hidden);
                    workspaces.Add(new RecurrentWorkspace());
                    RecurrentKernel.Forward(arguments, workspaces[^1], _kernels);
                }
                Assert.IsTrue(y.Span.SequenceEqual(evaluated.Span), $"{_name}: evaluation differs from training");
                inputs.Add(y);
            }
            Check(_golden.GetProperty("y"), inputs[^1], 1e-5, 1e-4, "y");
            Check(_golden.GetProperty("hn"), hn, 1e-5, 1e-4, "hn");
            if (dcn is not null)
                Check(_golden.GetProperty("cn"), cn, 1e-5, 1e-4, "cn");
            for (var layer = _layers - 1; layer >= 0; layer--)
            {
                var dx = Keep(Tensor.Zeros(inputs[layer].Shape));
                for (var d = 0; d < _directions; d++)
                {
                    var slot = ((layer * _directions) + d) * (nint)state;
                    var suffix = $"_l{layer}{(d == 1 ? "_reverse" : "")}";
                    var gradients = new RecurrentGradients
                    {
                        Dy = dy.Pointer + (d * _hidden), DyRow = width, Dhn = dhn.Pointer + slot, Dcn = dcn is null ? null : dcn.Pointer + slot,
                        Dx = dx.Pointer, OverwriteDx = d == 0, Dh0 = dh0.Pointer + slot, Dc0 = dc0.Pointer + slot,
                        DWeightIh = Gradient("weight_ih" + suffix), DWeightHh = Gradient("weight_hh" + suffix),
                        DBiasIh = Gradient("bias_ih" + suffix), DBiasHh = Gradient("bias_hh" + suffix),
                    };
                    RecurrentKernel.Backward(Arguments(layer, d, inputs[layer], h0, c0, lengths), gradients, workspaces[(layer * _directions) + d], _kernels);
                }
                dy = dx;
            }
        }
        workspaces.ForEach(workspace => workspace.Dispose());
        Check(expected.GetProperty("x"), dy, 1e-4, 1e-3, "dx");
        if (h0 is not null)
            Check(expected.GetProperty("h0"), dh0, 1e-4, 1e-3, "dh0");
        if (c0 is not null)
            Check(expected.GetProperty("c0"), dc0, 1e-4, 1e-3, "dc0");
        foreach (var weight in expected.GetProperty("weights").EnumerateObject())
            Check(weight.Value, _weights[weight.Name].Gradient, 1e-4, 1e-3, "d" + weight.Name);
    }

    private RecurrentArguments Arguments(int layer, int direction, Tensor x, Tensor? h0, Tensor? c0, int* lengths)
    {
        string suffix = $"_l{layer}{(direction == 1 ? "_reverse" : "")}", activation = _golden.GetProperty("activation").GetString() ?? "tanh";
        var slot = ((layer * _directions) + direction) * (nint)_batch * _hidden;
        var kind = _golden.GetProperty("kind").GetString() switch { "LSTM" => RecurrentCell.Lstm, "GRU" => RecurrentCell.Gru, _ => RecurrentCell.SimpleRnn };
        return new RecurrentArguments
        {
            Cell = CellDescriptor.For(kind),
            Activation = activation == "relu" ? Activation.Relu : Activation.Tanh,
            ResetBefore = _golden.TryGetProperty("resetAfter", out var after) && after.ValueKind == JsonValueKind.False,
            Reverse = direction == 1, Time = _time, Batch = _batch, InputSize = layer == 0 ? _inputs : _directions * _hidden, HiddenSize = _hidden,
            Lengths = lengths, X = x.Pointer, H0 = h0 is null ? null : h0.Pointer + slot, C0 = c0 is null ? null : c0.Pointer + slot,
            WeightIh = Value("weight_ih" + suffix), WeightHh = Value("weight_hh" + suffix), BiasIh = Value("bias_ih" + suffix),
            BiasHh = Value("bias_hh" + suffix),
        };
    }

    private float* Value(string name) => _weights.TryGetValue(name, out (Tensor Value, Tensor) weight) ? weight.Value.Pointer : null;

    private float* Gradient(string name) => _weights.TryGetValue(name, out (Tensor, Tensor Gradient) weight) ? weight.Gradient.Pointer : null;

    private void Check(JsonElement expected, Tensor actual, double absolute, double relative, string what) =>
        KernelPaths.AssertClose([.. expected.GetProperty("data").EnumerateArray().Select(v => v.GetDouble())], actual.Span, absolute, relative,
            $"{_name}: {what}");

    private Tensor Keep(Tensor tensor)
    {
        _rented.Add(tensor);
        return tensor;
    }

    private Tensor Zeros(int length) => Keep(Tensor.Zeros(new Shape(length)));

    private Tensor? Rent(JsonElement tensor) => tensor.ValueKind == JsonValueKind.Null
        ? null
        : Keep(Tensor.From(new Shape([.. tensor.GetProperty("shape").EnumerateArray().Select(s => s.GetInt32())]),
            [.. tensor.GetProperty("data").EnumerateArray().Select(v => v.GetSingle())]));
}
