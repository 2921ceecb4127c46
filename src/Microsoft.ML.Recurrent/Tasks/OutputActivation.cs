namespace Microsoft.ML.Recurrent.Tasks;

/// <summary>What a graph ends in.</summary>
internal enum OutputActivation { Identity, Sigmoid, Softmax, LogSoftmax }
