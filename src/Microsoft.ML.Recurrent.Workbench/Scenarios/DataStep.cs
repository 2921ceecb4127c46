namespace Microsoft.ML.Recurrent.Workbench.Scenarios;

/// <summary>A step that makes rows of rows: sequences of steps, a part of a series.</summary>
/// <param name="Code">Its expression in C#, in which <c>mlContext</c> is the context and <c>data</c> the rows.</param>
/// <param name="Apply">Makes the rows.</param>
public sealed record DataStep(string Code, Func<MLContext, IDataView, IDataView> Apply);
