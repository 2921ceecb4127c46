namespace Microsoft.ML.Recurrent.Workbench.Scenarios;

/// <summary>A step of a pipeline beside the trainer.</summary>
/// <param name="Code">Its expression in C#, in which <c>mlContext</c> is the context.</param>
/// <param name="Create">Makes it.</param>
public sealed record PipelineStep(string Code, Func<MLContext, IEstimator<ITransformer>> Create);
