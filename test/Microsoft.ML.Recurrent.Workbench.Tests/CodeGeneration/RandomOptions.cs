using System.Collections.Immutable;
using System.Reflection;

namespace Microsoft.ML.Recurrent.Workbench.Tests.CodeGeneration;

/// <summary>Sets about half of the options of a trainer, of every type that they have, to values of any kind: they need not go together.</summary>
internal sealed class RandomOptions(int seed, string wordVectors)
{
    private static readonly string[] s_texts = ["", "a", "OT", "a \"quoted\" name", "@class", "c:\\data\\new", "line\nnext\r\ttab", "naïve 値 😀",
        "\u2028\0\u202E\uD800", "{0} {{x}}", "'"];
    private readonly Random _random = new(seed);

    public T Create<T>()
        where T : RecurrentTrainerOptions, new()
    {
        var options = new T();
        Fill(options);
        return options;
    }

    private void Fill(object options)
    {
        foreach (var property in options.GetType().GetProperties())
        {
            if (property.SetMethod is not { IsPublic: true } || property.PropertyType == typeof(CancellationToken)) continue;
            if (property.PropertyType.Name.EndsWith("Options", StringComparison.Ordinal))
            {
                if (property.PropertyType.IsAbstract) property.SetValue(options, _random.Next(2) == 0 ? new SeriesInputOptions() : new WindowInputOptions());
                Fill(property.GetValue(options)!);
                continue;
            }
            if (_random.Next(2) == 0) continue;
            var nullable = Nullable.GetUnderlyingType(property.PropertyType) is not null
                || (!property.PropertyType.IsValueType && new NullabilityInfoContext().Create(property).WriteState is NullabilityState.Nullable);
            property.SetValue(options,
                nullable && _random.Next(4) == 0 ? null : Value(Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType));
        }
    }

    private object? Value(Type type) => type switch
    {
        _ when type == typeof(bool) => _random.Next(2) == 0,
        _ when type == typeof(int) => Number() is var number && int.MinValue < number && number < int.MaxValue ? (int)number : int.MaxValue,
        _ when type == typeof(float) => (float)Number(),
        _ when type == typeof(double) => Number(),
        _ when type == typeof(string) => Pick(s_texts),
        _ when type == typeof(TimeSpan) => new TimeSpan(Pick([0, 1, 10_000, TimeSpan.TicksPerSecond * 90, TimeSpan.TicksPerDay * 3, -TimeSpan.TicksPerHour])),
        _ when type == typeof(TrainingLogger[]) => Array.Empty<TrainingLogger>(),
        _ when type == typeof(IProgress<TrainingProgress>) => new Progress<TrainingProgress>(),
        _ when type == typeof(RecurrentModel) => null,
        _ when type.IsEnum => Enum.GetValues(type).Cast<object>().ToArray() is var all && _random.Next(9) == 0 ? Enum.ToObject(type, 77) : Pick(all),
        _ when type.IsArray => Items(type.GetElementType()!),
        _ when type == typeof(IReadOnlyDictionary<double, string>) =>
            new Dictionary<double, string> { [0.1] = Pick(s_texts), [Number()] = "p", [1 / 3d] = "third" },
        _ when type == typeof(ForecastLikelihood) => Pick(
        [
            ForecastLikelihood.Gaussian, ForecastLikelihood.StudentT, ForecastLikelihood.NegativeBinomial, ForecastLikelihood.Quantiles(),
            ForecastLikelihood.Quantiles(0.1, 2 / 3d), ForecastLikelihood.Point(RegressionLoss.Huber), ForecastLikelihood.Point(),
        ]),
        _ when type == typeof(LearningRateSchedule) => Schedule(),
        _ when type == typeof(TeacherForcing) => Pick(
            [TeacherForcing.Constant(0.3f), TeacherForcing.Constant(), TeacherForcing.Linear(7, last: 0.1f), TeacherForcing.InverseSigmoid(2.5f)]),
        _ when type == typeof(WeightInitializer) => Pick(
        [
            WeightInitializer.GlorotNormal(), WeightInitializer.GlorotUniform(), WeightInitializer.HeNormal(), WeightInitializer.HeUniform(),
            WeightInitializer.Identity(0.1f), WeightInitializer.Orthogonal(), WeightInitializer.Uniform(1e-3f), WeightInitializer.ResidualScaled(3),
        ]),
        _ when type == typeof(SequenceNetwork) => Network(),
        _ when type == typeof(SequenceAugmentation) => new SequenceAugmentation { Jitter = (float)Number(), WindowSlice = 0.9f, TokenDropout = 0.1f },
        _ when type == typeof(TimeFrequency) => Frequency(),
        _ when type == typeof(WordVectors) => new MLContext().Transforms.Text.LoadWordVectors(wordVectors, _random.Next(2) == 0),
        _ => throw new NotSupportedException($"An option has the type {type}: this test, and the writer, must learn it."),
    };

    private LearningRateSchedule Schedule()
    {
        var schedule = Pick(
        [
            LearningRateSchedule.Constant(), LearningRateSchedule.Cosine(1e-5f), LearningRateSchedule.Exponential(0.9f, 3), LearningRateSchedule.OneCycle(0.2f),
            LearningRateSchedule.ReduceOnPlateau(patience: 4), LearningRateSchedule.Step(5),
        ]);
        return _random.Next(2) == 0 ? schedule : schedule.WithWarmup(100, 0.01f);
    }

    private SequenceNetwork Network()
    {
        var network = SequenceNetwork.Create();
        if (_random.Next(2) == 0) network = network.Embedding(12).Dropout(0.1f, sharedOverTime: true).Dropout(0.2f, "drop_1");
        if (_random.Next(2) == 0) network = network.Convolution(8, 3, 2, ConvolutionPadding.Causal).BatchNorm(0.2f, "norm").Activation(DenseActivation.Tanh);
        foreach (var cell in Enum.GetValues<RecurrentCell>()) network = network.Recurrent(cell, 4, _random.Next(2) == 0 ? null : new()
        {
            Bidirectional = _random.Next(2) == 0, Merge = Pick(Enum.GetValues<BidirectionalMerge>()), ResetAfter = false, Dilation = 2, InputDropout = 0.1f,
            Name = _random.Next(3) == 0 ? $"own_{cell}" : null,
        });
        network = network.Lstm(3).Gru(5, bidirectional: true, name: "gru_7").SelfAttention(2, causal: true, residual: false).LayerNorm().LayerNorm("last");
        return _random.Next(2) == 0
            ? network.Dense(4)
            : network.Attention(AttentionForm.Additive, 3).Dense(2, DenseActivation.Identity).Pool(SequencePooling.Mean);
    }

    private TimeFrequency Frequency() => Pick<TimeFrequency>(
    [
        new(TimeUnit.Hour), new(TimeUnit.Month, 3) { AtMonthEnd = true }, new(TimeUnit.BusinessDay),
        new(TimeUnit.Day) { Weekdays = Weekdays.Monday | Weekdays.Friday }, new(TimeUnit.Day) { TimesOfDay = [new(9, 30), new(16, 0, 15), new(600000000001)] },
    ]);

    private Array Items(Type type)
    {
        var items = Array.CreateInstance(type, _random.Next(4));
        for (var i = 0; i < items.Length; i++) items.SetValue(Value(type), i);
        return items;
    }

    private double Number() => _random.Next(4) switch
    {
        0 => _random.Next(-3, 200),
        1 => Pick([double.NaN, double.PositiveInfinity, double.NegativeInfinity, -0.0, double.Epsilon, double.MaxValue, 1e20, 0.1f, 1e-7]),
        2 => Math.Round(_random.NextDouble(), 2),
        _ => (_random.NextDouble() - 0.5) * Math.Pow(10, _random.Next(-30, 30)),
    };

    private T Pick<T>(IReadOnlyList<T> values) => values[_random.Next(values.Count)];
}
