namespace Microsoft.ML.Recurrent.Model;

/// <summary>The task of a model; <see cref="Foreign"/> for a model of another framework with an unknown task.</summary>
internal enum ModelTask { Forecasting, Regression, Binary, Multiclass, Foreign, LanguageModel, Tagging, States, Autoencoding, Translation }
