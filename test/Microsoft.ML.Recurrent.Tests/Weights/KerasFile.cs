using System.IO.Compression;
using System.Text;
using Microsoft.ML.Recurrent.Networks;
using PureHDF;

namespace Microsoft.ML.Recurrent.Tests.Weights;

/// <summary>Writes weights of a network as Keras has them: kernels [inputs, units], gates i f c o and z r h.</summary>
internal sealed class KerasFile
{
    private readonly Dictionary<string, Array> _variables = [];
    private readonly Network _network;

    public KerasFile(Network network) => _network = network;

    /// <summary>A variable as it is.</summary>
    public KerasFile Vector(string path, string parameter)
    {
        _variables.Add(path, _network[parameter].Value.Span.ToArray());
        return this;
    }

    /// <summary>A matrix as it is.</summary>
    public KerasFile Table(string path, string parameter) => Matrix(path, parameter, transpose: false, [0]);

    /// <summary>A kernel: the transposed weight, with its blocks of rows in another order.</summary>
    /// <param name="path">The path of the variable.</param>
    /// <param name="parameter">The parameter.</param>
    /// <param name="order">For each block of the file, its index in the parameter.</param>
    public KerasFile Kernel(string path, string parameter, params int[] order) => Matrix(path, parameter, transpose: true, order.Length == 0 ? [0] : order);

    /// <summary>Biases, each with its blocks in another order: one as a vector, two as rows.</summary>
    public KerasFile Biases(string path, int[] order, params string[] parameters)
    {
        var rows = parameters.Select(parameter => Ordered(_network[parameter].Value.Span.ToArray(), order)).ToArray();
        if (rows.Length == 1)
        {
            _variables.Add(path, rows[0]);
            return this;
        }
        var matrix = new float[rows.Length, rows[0].Length];
        for (var i = 0; i < rows.Length; i++)
            for (var j = 0; j < rows[0].Length; j++)
                matrix[i, j] = rows[i][j];
        _variables.Add(path, matrix);
        return this;
    }

    /// <summary>A convolution as [steps, inputs, filters].</summary>
    public KerasFile Convolution(string path, string parameter)
    {
        var (weight, values) = (_network[parameter], _network[parameter].Value.Span.ToArray());
        var (filters, inputs, steps) = (weight.Shape[0], weight.Shape[1], weight.Shape[2]);
        var kernel = new float[steps, inputs, filters];
        for (var i = 0; i < values.Length; i++) kernel[i % steps, i / steps % inputs, i / steps / inputs] = values[i];
        _variables.Add(path, kernel);
        return this;
    }

    /// <summary>A variable that no network has.</summary>
    public KerasFile Other(string path, Array values)
    {
        _variables.Add(path, values);
        return this;
    }

    public string Write(string path)
    {
        Root().Write(path);
        return path;
    }

    /// <summary>Writes an archive with a configuration.</summary>
    public string WriteArchive(string path, string config)
    {
        var weights = path + ".h5";
        Root().Write(weights);
        using var archive = new ZipArchive(File.Create(path), ZipArchiveMode.Create);
        archive.CreateEntryFromFile(weights, "model.weights.h5");
        using var stream = archive.CreateEntry("config.json").Open();
        stream.Write(Encoding.UTF8.GetBytes(config));
        return path;
    }

    private H5File Root()
    {
        var file = new H5File();
        foreach (var (path, values) in _variables)
        {
            var names = path.Split('/');
            H5Group at = file;
            foreach (var name in names[..^1])
            {
                if (!at.TryGetValue(name, out var next)) at[name] = next = new H5Group();
                at = (H5Group)next;
            }
            at[names[^1]] = values;
        }
        return file;
    }

    private KerasFile Matrix(string path, string parameter, bool transpose, int[] order)
    {
        var weight = _network[parameter];
        var values = Ordered(weight.Value.Span.ToArray(), order);
        var (rows, columns) = (weight.Shape[0], weight.Shape[1]);
        var matrix = transpose ? new float[columns, rows] : new float[rows, columns];
        for (var i = 0; i < values.Length; i++)
            if (transpose) matrix[i % columns, i / columns] = values[i];
            else matrix[i / columns, i % columns] = values[i];
        _variables.Add(path, matrix);
        return this;
    }

    private static float[] Ordered(float[] values, int[] order)
    {
        var block = values.Length / order.Length;
        return [.. order.SelectMany(index => values[(index * block)..((index + 1) * block)])];
    }
}
