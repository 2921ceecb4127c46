using Microsoft.ML.Recurrent.Experiments;
using Microsoft.ML.Recurrent.Forecasting.Evaluation;
using Microsoft.ML.Recurrent.Tagging;

namespace Microsoft.ML.Recurrent;

/// <summary>
/// What an experiment compares its trials by: a number in the unit of the data, since losses of different likelihoods and normalizations cannot be compared.
/// </summary>
/// <param name="Name">The name, for tables.</param>
/// <param name="HigherIsBetter">Whether a higher value is better.</param>
/// <param name="Measure">Measures a model on the validation rows. A result that is NaN or infinite is a failed trial.</param>
public sealed record ExperimentMetric(string Name, bool HigherIsBetter, Func<ITransformer, IDataView, double> Measure)
{
    /// <summary>
    /// What trials are compared by while they train, on the rows that training holds out; the trainer has to support it. Default: the loss, which is comparable
    /// only where all trials have the same one.
    /// </summary>
    public ValidationMetric WhileTraining { get; init; }

    /// <summary>
    /// The mean absolute or root mean squared error of forecasts, by a back-test on the validation rows with the rows before them as history.
    /// </summary>
    /// <param name="mlContext">The context.</param>
    /// <param name="history">The rows before the validation rows, in the same order: the training rows. They are read for each trial.</param>
    /// <param name="options">
    /// The columns, horizon and origins of the back-test. Its origins should lie in the validation rows: set <see cref="BackTestOptions.NumberOfOrigins"/> or
    /// <see cref="BackTestOptions.Start"/>. Baselines are left out.
    /// </param>
    /// <param name="squared">Whether the metric is the root mean squared error.</param>
    /// <exception cref="ArgumentException">An option is out of range; the message names it.</exception>
    public static ExperimentMetric ForecastError(MLContext mlContext, IDataView history, BackTestOptions options, bool squared = false)
    {
        ArgumentNullException.ThrowIfNull(mlContext);
        ArgumentNullException.ThrowIfNull(history);
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        var own = OptionCopies.Copy(options);
        (own.Baselines, own.VerifyNoLookAhead, own.RefitEvery) = ([], false, 0);
        return new(squared ? "RMSE" : "MAE", false, (model, rows) =>
        {
            var all = new AppendedRowsView(history, rows);
            var metrics = BackTester.Run(mlContext, all, [new(own.ModelName, new FittedEstimator(model, all.Schema))], own).Model.Metrics;
            return squared ? metrics.RootMeanSquaredError : metrics.MeanAbsoluteError;
        })
        { WhileTraining = squared ? ValidationMetric.RootMeanSquaredError : ValidationMetric.MeanAbsoluteError };
    }

    /// <summary>The error of forecasts of rows that hold windows, against the label column in the same row.</summary>
    /// <param name="labelColumnName">The actual values.</param>
    /// <param name="forecastColumnName">The forecasts.</param>
    /// <param name="squared">Whether the metric is the root mean squared error.</param>
    public static ExperimentMetric WindowForecastError(string labelColumnName, string forecastColumnName = "Forecast",
        bool squared = false)
    {
        ArgumentException.ThrowIfNullOrEmpty(labelColumnName);
        return new(squared ? "RMSE" : "MAE", false, (model, rows) =>
        {
            var (metrics, _) = RowEvaluation.Measure(model.Transform(rows), labelColumnName, forecastColumnName, null, null, 0.95f);
            return squared ? metrics.RootMeanSquaredError : metrics.MeanAbsoluteError;
        })
        { WhileTraining = squared ? ValidationMetric.RootMeanSquaredError : ValidationMetric.MeanAbsoluteError };
    }

    /// <summary>The error of a regression.</summary>
    /// <param name="mlContext">The context.</param>
    /// <param name="labelColumnName">The label column.</param>
    /// <param name="absolute">Whether the metric is the mean absolute error; false for the root mean squared error.</param>
    public static ExperimentMetric RegressionError(MLContext mlContext, string labelColumnName = SequenceTrainerOptions.DefaultLabel, bool absolute = false)
    {
        ArgumentNullException.ThrowIfNull(mlContext);
        return new(absolute ? "MAE" : "RMSE", false, (model, rows) =>
        {
            var metrics = mlContext.Regression.Evaluate(model.Transform(rows), labelColumnName);
            return absolute ? metrics.MeanAbsoluteError : metrics.RootMeanSquaredError;
        })
        { WhileTraining = absolute ? ValidationMetric.MeanAbsoluteError : ValidationMetric.RootMeanSquaredError };
    }

    /// <summary>The fraction of correctly classified rows of several classes.</summary>
    /// <param name="mlContext">The context.</param>
    /// <param name="labelColumnName">The label column: keys.</param>
    public static ExperimentMetric MulticlassAccuracy(MLContext mlContext, string labelColumnName = SequenceTrainerOptions.DefaultLabel)
    {
        ArgumentNullException.ThrowIfNull(mlContext);
        return new("Accuracy", true, (model, rows) => mlContext.MulticlassClassification.Evaluate(model.Transform(rows), labelColumnName).MicroAccuracy)
        {
            WhileTraining = ValidationMetric.Accuracy,
        };
    }

    /// <summary>The area under the ROC curve of a binary classification.</summary>
    /// <param name="mlContext">The context.</param>
    /// <param name="labelColumnName">The label column: Boolean.</param>
    public static ExperimentMetric AreaUnderRocCurve(MLContext mlContext, string labelColumnName = SequenceTrainerOptions.DefaultLabel)
    {
        ArgumentNullException.ThrowIfNull(mlContext);
        return new("AUC", true, (model, rows) => mlContext.BinaryClassification.Evaluate(model.Transform(rows), labelColumnName).AreaUnderRocCurve)
        {
            WhileTraining = ValidationMetric.AreaUnderRocCurve,
        };
    }

    /// <summary>The F1 score of the entities of a tagger, or the accuracy of its tags where they are no entities.</summary>
    /// <param name="labelColumnName">The label column: a vector of keys, one per step.</param>
    public static ExperimentMetric TaggingScore(string labelColumnName = SequenceTrainerOptions.DefaultLabel)
    {
        ArgumentException.ThrowIfNullOrEmpty(labelColumnName);
        return new("F1", true, (model, rows) =>
        {
            var metrics = TaggingEvaluation.Run(model.Transform(rows), labelColumnName, "PredictedLabel");
            return metrics.Entities?.F1Score ?? metrics.TokenAccuracy;
        })
        { WhileTraining = ValidationMetric.F1Score };
    }

    /// <summary>The perplexity of a language model.</summary>
    public static ExperimentMetric Perplexity() => new("Perplexity", false, (model, rows) =>
    {
        ITransformer[] steps = model is IEnumerable<ITransformer> chain ? [.. chain] : [model];
        if (steps[^1] is not RecurrentLanguageModelTransformer transformer)
            throw new InvalidOperationException($"The model ends with a {steps[^1].GetType().Name}, not with a language model: measure it by a function.");
        var read = steps[..^1].Aggregate(rows, (view, step) => step.Transform(view));
        return transformer.Evaluate(read).Perplexity;
    });

    /// <summary>Whether a value is better than another.</summary>
    internal bool IsBetter(double value, double other) => HigherIsBetter ? value > other : value < other;
}
