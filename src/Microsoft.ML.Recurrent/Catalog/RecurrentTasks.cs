using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Microsoft.ML.Recurrent.Autoencoding;
using Microsoft.ML.Recurrent.Classification;
using Microsoft.ML.Recurrent.Forecasting;
using Microsoft.ML.Recurrent.Foreign;
using Microsoft.ML.Recurrent.Regression;
using Microsoft.ML.Recurrent.States;
using Microsoft.ML.Recurrent.Tagging;
using Microsoft.ML.Recurrent.Text;
using Microsoft.ML.Recurrent.Translation;

namespace Microsoft.ML.Recurrent.Catalog;

/// <summary>All tasks, so that a model that is loaded finds its own by name.</summary>
internal static class RecurrentTasks
{
    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "It fills one table of nine entries, which nothing below can: what serves all tasks names none.")]
    internal static void Register() =>
        RecurrentTask.Register(RegressionTask.Instance, BinaryTask.Instance, MulticlassTask.Instance,
            ForecastingTask.Instance, LanguageModelTask.Instance, TaggingTask.Instance, TranslationTask.Instance, StatesTask.Instance,
            AutoencodingTask.Instance, ForeignTask.Instance);
}
