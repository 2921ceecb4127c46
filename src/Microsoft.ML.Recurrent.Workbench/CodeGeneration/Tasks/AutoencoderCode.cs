using Microsoft.ML.Recurrent.Workbench.Code;

namespace Microsoft.ML.Recurrent.Workbench.CodeGeneration.Tasks;

/// <summary>Codes of sequences, and new sequences.</summary>
internal sealed class AutoencoderCode(GeneratedModel model, string className, RowClass input, RowClass output) : TaskCode(model, className, input, output)
{
    private readonly RecurrentAutoencoderTrainer.Options _options = (RecurrentAutoencoderTrainer.Options)model.Options;

    public override IEnumerable<string> ConsumptionMembers() =>
    [
        .. base.ConsumptionMembers(),
        """
        /// <summary>The autoencoder of the model.</summary>
        public static RecurrentAutoencoderTransformer Autoencoder => Steps(Model.Value).OfType<RecurrentAutoencoderTransformer>().Single();
        """,
        $$"""
        /// <summary>Draws new sequences.</summary>
        /// <param name="count">The number of sequences.</param>
        /// <param name="length">Steps of each; needed where the sequences of the model vary in length, and left out otherwise.</param>
        /// <param name="seed">The same seed gives the same sequences; null for others each time.</param>
        /// <returns>The numbers of each sequence, step by step.</returns>
        public static float[][] Sample(int count, int? length = null, int? seed = null) =>
            Autoencoder.Sample(count, length, seed).GetColumn<float[]>({{Literals.Text(_options.InputColumnName)}}).ToArray();
        """,
    ];

    public override IEnumerable<string> EvaluationMembers() =>
    [
        """
        /// <summary>The evidence lower bound of a model on sequences.</summary>
        /// <param name="mlContext">The context.</param>
        /// <param name="model">The model.</param>
        /// <param name="data">Sequences, best those that the model was not trained on.</param>
        public static RecurrentAutoencoderMetrics Evaluate(MLContext mlContext, ITransformer model, IDataView data)
        {
            RecurrentAutoencoderTransformer? trained = null;
            foreach (var step in Steps(model))
            {
                trained = step as RecurrentAutoencoderTransformer;
                if (trained is not null) break;
                data = step.Transform(data);
            }
            return trained!.Evaluate(data);
        }
        """,
    ];

    public override string PredictSample() => $"""
        var result = {ClassName}.Predict(sampleData);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"Code: {"{"}string.Join(", ", result.{Output.Property(_options.Output.LatentColumnName).Name}){"}"}"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"Error: {"{"}result.{Output.Property(_options.Output.ReconstructionErrorColumnName).Name}{"}"}"));
        """;

    public override string MapEndpoints() => $"""
        {base.MapEndpoints()}
        app.MapGet("/sample", (int? count, int? length, int? seed) => {ClassName}.Sample(count ?? 1, length, seed));
        """;
}
