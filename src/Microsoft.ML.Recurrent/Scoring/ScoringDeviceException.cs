namespace Microsoft.ML.Recurrent;

/// <summary>Thrown when the requested device cannot be used; the message says what is missing and where to get it.</summary>
public sealed class ScoringDeviceException : InvalidOperationException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What is missing.</param>
    /// <param name="innerException">The error of ONNX Runtime.</param>
    public ScoringDeviceException(string message, Exception? innerException = null) : base(message, innerException)
    {
    }
}
