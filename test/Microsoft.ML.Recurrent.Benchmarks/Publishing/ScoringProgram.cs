namespace Microsoft.ML.Recurrent.Benchmarks.Publishing;

/// <summary>The smallest program that scores a model: it writes one answer, and then waits for its input to end.</summary>
/// <param name="Name">Its project's name.</param>
/// <param name="Source">Its text.</param>
/// <param name="NeedsPackage">Whether it refers to Microsoft.ML.Recurrent.</param>
internal sealed record ScoringProgram(string Name, string Source, bool NeedsPackage)
{
    /// <summary>Through ML.NET: the argument is a model that <c>mlContext.Model.Save</c> wrote.</summary>
    public static ScoringProgram Pipeline { get; } = new("score", """
        using Microsoft.ML;
        using Microsoft.ML.Data;

        var mlContext = new MLContext();
        ITransformer model = mlContext.Model.Load(args[0], out _);
        using PredictionEngine<Walk, Answer> engine = mlContext.Model.CreatePredictionEngine<Walk, Answer>(model);
        Console.WriteLine(engine.Predict(new() { Steps = [.. Enumerable.Repeat(0.1f, 10)] }).Score);
        Console.ReadLine();

        internal sealed class Walk
        {
            [VectorType(10, 1)] public float[] Steps { get; set; } = [];

            public float Sum { get; set; }
        }

        internal sealed class Answer
        {
            public float Score { get; set; }
        }
        """, NeedsPackage: true);

    /// <summary>By ONNX Runtime: the argument is the exported file of the same model.</summary>
    public static ScoringProgram OnnxRuntimeAlone { get; } = new("score_onnx", """
        using Microsoft.ML.OnnxRuntime;

        using var session = new InferenceSession(args[0]);
        using OrtValue steps = OrtValue.CreateTensorValueFromMemory(Enumerable.Repeat(0.1f, 10).ToArray(), [1, 10, 1]);
        using var run = new RunOptions();
        using var outputs = session.Run(run, ["Steps"], [steps], ["Score"]);
        Console.WriteLine(outputs[0].GetTensorDataAsSpan<float>()[0]);
        Console.ReadLine();
        """, NeedsPackage: false);
}
