using System.Globalization;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Recurrent.Model;

namespace Microsoft.ML.Recurrent.Benchmarks.Gpu;

/// <summary>How one form fared: which providers ran its recurrent nodes, by the session's own profile, and how far the answers are from the CPU's.</summary>
internal sealed record GpuCheck(string Name, bool Passed, IReadOnlyList<string> Providers, double Error, string? Failure)
{
    private const int Rows = 37, LongestStep = 20;

    public static GpuCheck Run(GpuForm form, GpuTarget target)
    {
        var prefix = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        string? profile = null;
        try
        {
            float[] expected, actual;
            using (var settings = GpuTarget.Cpu.Settings())
            using (var session = new InferenceSession(form.Graph, settings))
                expected = Score(session, form);
            using (var settings = target.Settings())
            {
                settings.EnableProfiling = true;
                settings.ProfileOutputPathPrefix = prefix;
                using var session = new InferenceSession(form.Graph, settings);
                actual = Score(session, form);
                profile = session.EndProfiling();
            }
            string[] providers = [.. NodeProfile.Read(profile).Where(node => node.Operation is "LSTM" or "GRU" or "RNN").Select(node => node.Provider)];
            var error = expected.Zip(actual, (a, b) => Math.Abs((double)a - b)).Max();
            var failure = providers.Length != form.RecurrentNodes ? $"{providers.Length} recurrent nodes ran instead of {form.RecurrentNodes}"
                : providers.FirstOrDefault(provider => provider != target.Provider) is { } other ? $"a recurrent node ran on {other}"
                : !(error <= form.Tolerance) ? string.Create(CultureInfo.InvariantCulture, $"the answers differ by {error:G3}")
                : null;
            return new(form.Name, failure is null, providers, error, failure);
        }
        catch (OnnxRuntimeException error)
        {
            return new(form.Name, false, [], double.NaN, error.Message);
        }
        finally
        {
            if (profile is not null) File.Delete(profile);
        }
    }

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture,
            $"{(Passed ? "passed" : "FAILED")}  {Name}: {string.Join(", ", Providers.Distinct())}, greatest "
                + $"difference {Error:G3}{(Failure is null ? "" : ": " + Failure)}");

    private static float[] Score(InferenceSession session, GpuForm form)
    {
        var random = new Random(2);
        var input = form.Manifest.Inputs[0];
        var time = input.Time ?? LongestStep;
        float[] values = [.. Enumerable.Range(0, Rows * time * input.Features).Select(_ => 2 * random.NextSingle() - 1)];
        using var sequences = OrtValue.CreateTensorValueFromMemory(values, [Rows, time, input.Features]);
        using var lengths = OrtValue.CreateTensorValueFromMemory(Enumerable.Range(0, Rows).Select(row => row == 0 ? time : 1L + random.Next(time)).ToArray(),
            [Rows]);
        using var options = new RunOptions();
        using var results = form.Manifest.HasLengths
            ? session.Run(options, [input.Name, ModelManifest.LengthInput], [sequences, lengths], ["Score"])
            : session.Run(options, [input.Name], [sequences], ["Score"]);
        return results[0].GetTensorDataAsSpan<float>().ToArray();
    }
}
