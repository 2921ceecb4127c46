namespace Microsoft.ML.Recurrent.Model;

/// <summary>What a model was trained for; <see cref="Foreign"/> where another framework wrote it and its graph does not tell.</summary>
internal enum ModelTask { Forecasting, Regression, Binary, Multiclass, Foreign, LanguageModel }
