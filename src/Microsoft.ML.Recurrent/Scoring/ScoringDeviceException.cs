namespace Microsoft.ML.Recurrent;

/// <summary>The device that was asked for cannot score: the message says what is missing and where to get it.</summary>
public sealed class ScoringDeviceException : InvalidOperationException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="message">What is missing.</param>
    /// <param name="innerException">What ONNX Runtime said.</param>
    public ScoringDeviceException(string message, Exception? innerException = null) : base(message, innerException)
    {
    }
}
