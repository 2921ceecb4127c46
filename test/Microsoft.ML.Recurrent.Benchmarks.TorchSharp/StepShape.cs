namespace TorchSharpPeer;

/// <summary>The sizes of a configuration.</summary>
/// <param name="Kind">lstm, gru or rnn.</param>
/// <param name="Layers">Recurrent layers.</param>
/// <param name="Hidden">Size of each layer's state.</param>
/// <param name="Batch">Sequences in a batch.</param>
/// <param name="Time">Steps of a sequence.</param>
/// <param name="Inputs">Numbers a step.</param>
/// <param name="Vocabulary">Words of the language model; 0 for regression.</param>
internal sealed record StepShape(string Kind, int Layers, int Hidden, int Batch, int Time, int Inputs, int Vocabulary);
