using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Workbench.Scenarios.Texts;

/// <summary>The plan of a language model.</summary>
internal sealed class LanguageModelPlan(Scenario scenario, MLContext mlContext, ScenarioRequest request, string text, bool letters, string tokens)
    : ScenarioPlan(scenario, mlContext, request)
{
    private const string Continuation = "Continuation", EndOfLine = "<eos>";
    private const int WordsWritten = 30, LettersWritten = 100;

    public override double Validate(ITransformer model) => Measure(model, Validation).Perplexity;

    /// <summary>Each text, and what the model writes after it.</summary>
    public override Predictions Predict(ITransformer model, ScenarioTable table)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(table);
        var rows = table.Like(Request.Training).View;
        return new([text, Continuation], Read());

        IEnumerable<string[]> Read()
        {
            using var generator = model.CreateTextGenerator();
            var tokenizer = letters ? Context.Transforms.Text.TokenizeForRecurrent("Prompt", text, TextTokenizer.Characters)
                : Context.Transforms.Text.TokenizeForRecurrent("Prompt", text);
            var prompts = tokenizer.Fit(rows).Transform(rows).GetColumn<string[]>("Prompt");
            var options = new TextGenerationOptions
            {
                MaximumTokens = letters ? LettersWritten : WordsWritten, TopP = 0.9f, Seed = Request.Seed,
                StopAtEndOfSentence = !letters
            };
            foreach (var (prompt, own) in prompts.Zip(ColumnTexts.Read(rows, text)))
                yield return [own,
                    string.Join(letters ? "" : " ", generator.Generate(prompt, options).Select(static token => token == EndOfLine ? " " : token))];
        }
    }

    private protected override ScenarioEvaluation Evaluate(ITransformer model, IDataView rows)
    {
        var own = Measure(model, rows);
        return new([Metric, new("BitsPerToken", false)],
            [
                new("Recurrent network", false, [own.Perplexity, own.BitsPerToken]), Frequencies(model, rows),
            ], own.Tokens)
        { Unit = "tokens" };
    }

    // Each token by how often it comes in the training rows, whatever stands before it; one more for tokens that never come.
    private EvaluationLine Frequencies(ITransformer model, IDataView rows)
    {
        var counts = new Dictionary<uint, long>();
        long total = 0;
        foreach (var key in Keys(model, Learned))
        {
            counts[key] = counts.GetValueOrDefault(key) + 1;
            total++;
        }
        var (sum, read) = (0.0, 0L);
        foreach (var key in Keys(model, rows))
        {
            // As the model's own figure, without tokens that its vocabulary lacks.
            if (key == 0) continue;
            sum += Math.Log((counts.GetValueOrDefault(key) + 1.0) / (total + counts.Count));
            read++;
        }
        return new("Frequency of each token", true, [Math.Exp(-sum / read), -sum / read / Math.Log(2)]);
    }

    private IEnumerable<uint> Keys(ITransformer model, IDataView rows)
    {
        foreach (var row in model.Transform(rows).GetColumn<uint[]>(tokens))
            foreach (var key in row) yield return key;
    }

    private static LanguageModelMetrics Measure(ITransformer model, IDataView rows)
    {
        var steps = ((TransformerChain<ITransformer>)model).ToArray();
        foreach (var step in steps[..^1]) rows = step.Transform(rows);
        return ((RecurrentLanguageModelTransformer)steps[^1]).Evaluate(rows);
    }
}
