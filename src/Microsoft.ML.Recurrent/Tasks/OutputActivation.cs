namespace Microsoft.ML.Recurrent.Tasks;

/// <summary>The final activation of a graph.</summary>
internal enum OutputActivation { Identity, Sigmoid, Softmax, LogSoftmax }
