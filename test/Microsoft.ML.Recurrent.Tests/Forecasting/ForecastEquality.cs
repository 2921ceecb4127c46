using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Forecasting;
using Microsoft.ML.Recurrent.Model;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Tests.Onnx;

namespace Microsoft.ML.Recurrent.Tests.Forecasting;

/// <summary>A forecaster's network and head on the tape, against a bare session of ONNX Runtime on the exported bytes, with all kinds of inputs.</summary>
internal static class ForecastEquality
{
    /// <summary>Compares the answers to random inputs.</summary>
    /// <param name="model">The model.</param>
    /// <param name="createHead">Its head.</param>
    /// <param name="draw">A number of an input.</param>
    /// <param name="rowsOfBatches">Rows of the batches.</param>
    public static void Check(RecurrentModel model, Func<Network, ForecastHead> createHead, Func<Random, InputColumn, float>? draw = null,
        int[]? rowsOfBatches = null)
    {
        draw ??= (random, _) => 4 * random.NextSingle() - 2;
        using var network = model.ToNetwork();
        var head = createHead(network);
        foreach (var parameter in head.Parameters) model.HeadParameter(parameter.Name).CopyTo(parameter.Value.Span);
        using var stream = new MemoryStream();
        model.ExportToOnnx(stream);
        using var session = new InferenceSession(stream.ToArray());
        var random = new Random(5);
        // A regression has three more layers, each of which rounds; its averages are summed in another order.
        var tolerance = model.Description.DynamicRegression is null ? 1e-5f : 5e-5f;
        foreach (var rows in rowsOfBatches ?? [1, 7, 64])
        {
            var inputs = model.Manifest.Inputs.ToDictionary(input => input.Name, input => Enumerable.Range(0, rows * (input.Time ?? 1) * input.Features)
                .Select(_ => input.IsSeries ? random.Next(input.Vocabulary) : draw(random, input)).ToArray());
            var noise = Enumerable.Range(0, rows * model.Manifest.NoiseSize)
                .Select(_ => MathF.Sqrt(-2 * MathF.Log(1 - random.NextSingle())) * MathF.Cos(MathF.Tau * random.NextSingle())).ToArray();
            using var batch = ToBatch(model, inputs, rows);
            noise.CopyTo(batch.Noise is { } own ? own.Span : default);
            using var tape = new Tape { Recording = false };
            var expected = head.Predict(tape, network.Forward(tape, batch));
            var values = model.Manifest.Inputs.ToDictionary(input => input.Name, input => ToValue(input, inputs[input.Name], rows));
            if (noise.Length > 0) values.Add(ModelManifest.NoiseInput, OrtValue.CreateTensorValueFromMemory(noise, [rows, model.Manifest.NoiseSize]));
            using var options = new RunOptions();
            using var results = session.Run(options, values, [.. model.Manifest.Outputs.Select(output => output.Name)]);
            for (var i = 0; i < results.Count; i++)
                TestModels.AssertClose(expected[i].Span.ToArray(), results[i].GetTensorDataAsSpan<float>().ToArray(),
                    $"{model.Manifest.Outputs[i].Name} of {rows} rows", tolerance);
            foreach (var value in values.Values) value.Dispose();
        }
    }

    private static OrtValue ToValue(InputColumn input, float[] values, int rows) => input.IsCategory
        ? OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(values, value => (long)value), [rows, input.Time ?? 1])
        : OrtValue.CreateTensorValueFromMemory(values, input.Time is { } time ? [rows, time, input.Features] : [rows, input.Features]);

    private static SequenceBatch ToBatch(RecurrentModel model, Dictionary<string, float[]> inputs, int rows)
    {
        var description = model.Description;
        var batch = new SequenceBatch();
        batch.Resize(rows, description.Time!.Value, description.Features, statics: description.Statics, future: description.FutureFeatures,
            horizon: description.Horizon, series: model.Manifest.SeriesInput is not null, noise: model.Manifest.NoiseSize);
        if (model.Manifest.SeriesInput is { } series) Array.ConvertAll(inputs[series.Name], id => (int)id).CopyTo(batch.Series!, 0);
        int channel = 0, statics = 0, ahead = 0;
        foreach (var kind in new[] { InputKind.Sequence, InputKind.Static, InputKind.Future })
        {
            var categories = model.Manifest.Inputs.Where(input => input.Kind == kind && input is { IsCategory: true, IsSeries: false }).ToArray();
            var places = Enumerable.Range(0, description.Categories.Length).Where(i => kind switch
            {
                InputKind.Static => description.Categories[i].Place is CategoryPlace.Static,
                InputKind.Future => description.Categories[i].Place is CategoryPlace.Future,
                _ => description.Categories[i].Place is not CategoryPlace.Static,
            }).ToArray();
            for (var i = 0; i < categories.Length; i++)
            {
                var time = categories[i].Time ?? 1;
                var ids = kind is InputKind.Future ? batch.FutureCategories(places[i], rows * time) : batch.Categories(places[i], rows * time);
                for (var row = 0; row < rows; row++)
                    for (var step = 0; step < time; step++) ids[step * rows + row] = (int)inputs[categories[i].Name][row * time + step];
            }
        }
        foreach (var input in model.Manifest.Inputs.Where(input => !input.IsCategory))
        {
            var (values, size) = (inputs[input.Name], input.Features);
            for (var row = 0; row < rows; row++)
            {
                if (input.Kind is InputKind.Static) values.AsSpan(row * size, size).CopyTo(batch.Statics!.Span[(row * description.Statics + statics)..]);
                for (var step = 0; step < (input.Time ?? 0); step++)
                {
                    var from = values.AsSpan((row * input.Time!.Value + step) * size, size);
                    from.CopyTo(input.Kind is InputKind.Future ? batch.Future!.Span[((step * rows + row) * description.FutureFeatures + ahead)..]
                        : batch.Values!.Span[((step * rows + row) * description.Features + channel)..]);
                }
            }
            if (input.Kind is InputKind.Sequence) channel += size;
            else if (input.Kind is InputKind.Static) statics += size;
            else ahead += size;
        }
        return batch;
    }
}
