using System.Runtime.InteropServices;
using Microsoft.ML.Recurrent.Kernels;

namespace Microsoft.ML.Recurrent.Benchmarks.Platforms;

/// <summary>
/// <c>-- platform FOLDER [--against FOLDER] [--no-scoring]</c>: trains, saves and scores small models, and compares weights, losses and answers with those that
/// another platform left in its folder. That platform's files are loaded and scored here too. See build/arm64-tests.sh.
/// </summary>
internal static class PlatformCommand
{
    // Sums are added up in another order on vectors of another width, and five epochs of Adam spread what comes of it.
    private const double Tolerance = 1e-5;

    public static int Run(string folder, string? against, bool scoring)
    {
        Directory.CreateDirectory(folder);
        List<PlatformModelResult> models = [];
        foreach (var model in PlatformModel.All)
        {
            var context = new MLContext(1);
            var data = model.Data(context);
            var trained = model.Train(context, data);
            context.Model.Save(trained, data.Schema, File(folder, model.Name));
            using var network = trained.Model.ToNetwork();
            models.Add(new(
                model.Name, [.. network.Parameters.SelectMany(parameter => parameter.Value.Span.ToArray())],
                [.. trained.Model.History.Epochs.SelectMany(epoch => (double[])[epoch.Loss, epoch.ValidationLoss ?? 0])],
                scoring ? model.Score(context, trained) : null));
        }
        var result = new PlatformResult($"{RuntimeInformation.ProcessArchitecture}, path {CpuKernels.Current.Name}, .NET {Environment.Version}", models);
        result.Write(folder);
        Console.WriteLine($"{result.Platform}: {models.Count} models in {folder}");
        return against is null || Compare(result, against, scoring) ? 0 : 1;
    }

    private static bool Compare(PlatformResult ours, string folder, bool scoring)
    {
        var theirs = PlatformResult.Read(folder);
        Console.WriteLine($"{theirs.Platform}: {folder}. Largest differences; at most {Tolerance} is allowed:\n");
        var all = true;
        List<string[]> rows = [];
        foreach (var (model, our, their) in PlatformModel.All.Zip(ours.Models, theirs.Models))
        {
            double weights = Difference(our.Weights, their.Weights), losses = Difference(our.Losses, their.Losses);
            double? answers = scoring && their.Scores is not null ? Difference(our.Scores!, their.Scores) : null;
            // The other platform's file: where it could not score, its answers here are compared with our own model's.
            double? file = scoring ? Difference(Loaded(model, folder), their.Scores ?? our.Scores!) : null;
            // A comparison with a NaN is false: that fails.
            var passed = ((double?[])[weights, losses, answers, file]).All(difference => difference is null or <= Tolerance);
            all &= passed;
            rows.Add([model.Name, $"{our.Weights.Length}", $"{weights:0.0e+0}", $"{losses:0.0e+0}", Text(answers), Text(file), passed ? "passed" : "FAILED"]);
        }
        Console.WriteLine(MarkedSection.Table(["model", "weights", "weights differ by", "losses", "answers", "its file, scored here", ""], rows));
        return all;
    }

    private static float[] Loaded(PlatformModel model, string folder)
    {
        var context = new MLContext(1);
        return model.Score(context, context.Model.Load(File(folder, model.Name), out _));
    }

    private static string File(string folder, string name) => Path.Combine(folder, name + ".zip");

    private static string Text(double? difference) => difference is null ? "not scored" : $"{difference:0.0e+0}";

    // Relative to 1 or to the number, whichever is larger.
    private static double Difference<T>(IReadOnlyList<T> ours, IReadOnlyList<T> theirs) where T : System.Numerics.INumber<T>
    {
        if (ours.Count != theirs.Count) return double.PositiveInfinity;
        double largest = 0;
        for (var i = 0; i < ours.Count; i++)
        {
            double a = double.CreateChecked(ours[i]), b = double.CreateChecked(theirs[i]);
            largest = Math.Max(largest, Math.Abs(a - b) / Math.Max(1, Math.Abs(b)));
        }
        return largest;
    }
}
