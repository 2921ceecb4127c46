using System.Reflection;
using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Forecasting.Evaluation;

/// <summary>ML.NET's SSA, found by reflection: its package is optional.</summary>
internal sealed class SsaBaseline : ForecastBaseline
{
    private const string Package = "Microsoft.ML.TimeSeries";

    public override string Name => "ML.NET SSA";

    public override void Forecast(ReadOnlySpan<double> history, int season, Span<double> forecast)
    {
        var window = Math.Clamp(2 * season, 4, 48);
        if (history.Length < 3 * window) window = Math.Max(4, history.Length / 3);
        forecast.Fill(history[^1]);
        if (history.Length < 3 * window) return;
        float[] steps;
        try
        {
            steps = Run(history[^Math.Min(history.Length, 10 * window)..], window, forecast.Length);
        }
        catch (Exception error) when (Innermost(error) is FileNotFoundException or DllNotFoundException or TypeLoadException or BadImageFormatException)
        {
            throw new InvalidOperationException(
                $"The SSA baseline needs ML.NET's SSA: reference the packages {Package} and Microsoft.ML.Mkl.Redist, or leave it out "
                    + $"of {nameof(BackTestOptions)}.{nameof(BackTestOptions.Baselines)}. ({Innermost(error).Message})", error);
        }
        for (var i = 0; i < forecast.Length; i++)
        {
            // A series that cannot be decomposed, such as a constant one, repeats its last value.
            if (float.IsFinite(steps[i])) forecast[i] = steps[i];
        }
    }

    private static float[] Run(ReadOnlySpan<double> history, int window, int horizon)
    {
        var context = new MLContext(seed: 0);
        var library = Assembly.Load(Package);
        var values = new Value[history.Length];
        for (var i = 0; i < values.Length; i++) values[i] = new() { Number = (float)history[i] };
        var estimator = (IEstimator<ITransformer>)Call(library.GetType("Microsoft.ML.TimeSeriesCatalog", throwOnError: true)!, "ForecastBySsa",
            [context.Forecasting, nameof(Steps.Forecast), nameof(Value.Number), window, values.Length, values.Length, horizon]);
        var transformer = estimator.Fit(context.Data.LoadFromEnumerable(values));
        using var engine = (IDisposable)Call(library.GetType("Microsoft.ML.Transforms.TimeSeries.PredictionFunctionExtensions", throwOnError: true)!,
            "CreateTimeSeriesEngine", [transformer, context], typeof(Value), typeof(Steps));
        var predict = engine.GetType().GetMethods().First(method => method is { Name: "Predict" } && method.GetParameters() is var parameters
            && parameters.Length > 0 && parameters.All(parameter => parameter.IsOptional) && method.ReturnType == typeof(Steps));
        return ((Steps)predict.Invoke(engine, [.. predict.GetParameters().Select(_ => Type.Missing)])!).Forecast;
    }

    // Calls the method whose remaining parameters are all optional.
    private static object Call(Type type, string name, object[] arguments, params Type[] types)
    {
        var method = type.GetMethods(BindingFlags.Public | BindingFlags.Static)
            .First(method => method.Name == name && method.GetGenericArguments().Length == types.Length
            && method.GetParameters() is var parameters && parameters.Length >= arguments.Length
            && parameters.Skip(arguments.Length).All(parameter => parameter.IsOptional));
        if (types.Length > 0) method = method.MakeGenericMethod(types);
        return method.Invoke(null, [.. arguments, .. method.GetParameters().Skip(arguments.Length).Select(_ => Type.Missing)])!;
    }

    private static Exception Innermost(Exception error)
    {
        while (error.InnerException is { } inner) error = inner;
        return error;
    }

    private sealed class Value
    {
        public float Number { get; set; }
    }

    private sealed class Steps
    {
        public float[] Forecast { get; set; } = [];
    }
}
