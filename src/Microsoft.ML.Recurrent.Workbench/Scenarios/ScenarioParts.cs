namespace Microsoft.ML.Recurrent.Workbench.Scenarios;

/// <summary>The parts into which the rows of a plan are divided.</summary>
/// <param name="Learning">The step from the rows of the pipeline to those that are not held out for the test; null where a test table is given.</param>
/// <param name="TrainPart">The step from those to the training rows; null where a validation table is given.</param>
/// <param name="ValidationPart">The step from those to the validation rows; null where a validation table is given.</param>
/// <param name="Learned">The training and validation rows together, for a refit.</param>
/// <param name="Train">The training rows.</param>
/// <param name="Validation">The rows by which trials are compared; of series, with the rows before that they need.</param>
/// <param name="Test">The rows that no trial sees; of series, with the rows before that they need. Null if none are held out.</param>
public sealed record ScenarioParts(DataStep? Learning, DataStep? TrainPart, DataStep? ValidationPart, IDataView Learned, IDataView Train, IDataView Validation,
    IDataView? Test)
{
    /// <summary>Rows that are not divided: those of which a trained model predicts.</summary>
    /// <param name="rows">The rows.</param>
    public static ScenarioParts Whole(IDataView rows) => new(null, null, null, rows, rows, rows, null);
}
