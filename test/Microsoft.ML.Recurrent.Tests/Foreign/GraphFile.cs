using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Recurrent.Onnx;
using Microsoft.ML.Recurrent.Onnx.Format;

namespace Microsoft.ML.Recurrent.Tests.Foreign;

/// <summary>A small ONNX file of no framework, and what ONNX Runtime itself answers to it.</summary>
internal sealed class GraphFile : IDisposable
{
    private readonly string _path = System.IO.Path.GetTempFileName();
    private readonly Random _random = new(7);

    public GraphFile(int opset = 17)
    {
        Model = new() { IrVersion = 8, ProducerName = "test", Graph = new() { Name = "graph" } };
        Model.OpsetImport.Add(new OperatorSetIdProto { Version = opset });
    }

    public ModelProto Model { get; }

    /// <summary>The path of the file, written anew with each call.</summary>
    public string Path
    {
        get
        {
            File.WriteAllBytes(_path, Model.ToByteArray());
            return _path;
        }
    }

    public GraphFile Input(string name, OnnxType type, params object?[] shape)
    {
        Model.Graph.Input.Add(OnnxModelBuilder.Value(name, type, shape));
        return this;
    }

    public GraphFile Input(string name, TensorProto.Types.DataType type, params object?[] shape) => Input(name, (OnnxType)(int)type, shape);

    public GraphFile Output(string name, OnnxType type, params object?[] shape)
    {
        Model.Graph.Output.Add(OnnxModelBuilder.Value(name, type, shape));
        return this;
    }

    /// <summary>Small random numbers.</summary>
    public GraphFile Weight(string name, params long[] shape)
    {
        var values = new float[shape.Aggregate(1L, (product, size) => product * size)];
        for (var i = 0; i < values.Length; i++) values[i] = _random.NextSingle() - 0.5f;
        Model.Graph.Initializer.Add(TensorData.Create(shape, values).ToProto(name));
        return this;
    }

    public GraphFile Integers(string name, params long[] values)
    {
        Model.Graph.Initializer.Add(TensorData.Create([values.Length], values).ToProto(name));
        return this;
    }

    public GraphFile Number(string name, float value)
    {
        Model.Graph.Initializer.Add(TensorData.Create([], [value]).ToProto(name));
        return this;
    }

    public GraphFile Integer(string name, long value)
    {
        Model.Graph.Initializer.Add(TensorData.Create([], [value]).ToProto(name));
        return this;
    }

    public GraphFile Node(string operation, string inputs, string outputs, params OnnxAttribute[] attributes)
    {
        Model.Graph.Node.Add(OnnxModelBuilder.Node(operation, inputs.Split(' ').Select(name => name == "-" ? "" : name).ToArray(), outputs.Split(' '),
            attributes));
        return this;
    }

    /// <summary>An LSTM node of 4 units over <paramref name="features"/> numbers; its states after the last step are <c>last</c>, [1, rows, 4].</summary>
    public GraphFile Lstm(string x, int features, string lengths = "-", string state = "- -", string outputs = "all last cell") => Weight("W", 1, 16, features)
        .Weight("R", 1, 16, 4).Weight("B", 1, 32).Node("LSTM", $"{x} W R B {lengths} {state}", outputs, ("hidden_size", 4L));

    /// <summary>The answers of ONNX Runtime.</summary>
    public float[][] Run(string[] outputs, params (string Name, OrtValue Value)[] inputs)
    {
        using var session = new InferenceSession(Model.ToByteArray());
        using var options = new RunOptions();
        using var results = session.Run(options, [.. inputs.Select(input => input.Name)], [.. inputs.Select(input => input.Value)], outputs);
        foreach (var (_, value) in inputs) value.Dispose();
        return [.. results.Select(result => result.GetTensorDataAsSpan<float>().ToArray())];
    }

    public static (string, OrtValue) Tensor<T>(string name, T[] values, params long[] shape) where T : unmanaged =>
        (name, OrtValue.CreateTensorValueFromMemory(values, shape));

    public void Dispose() => File.Delete(_path);
}
