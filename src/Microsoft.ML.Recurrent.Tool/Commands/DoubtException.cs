namespace Microsoft.ML.Recurrent.Tool.Commands;

/// <summary>Something can be understood in two ways, and nobody is there to be asked: the command ends as one that was used wrongly.</summary>
internal sealed class DoubtException(string message) : Exception(message);
