namespace ResNetFunctions.Inference.Models;

/// <summary>A weights file, model file or manifest cannot be used; the message says why.</summary>
public sealed class InvalidModelException(string message, Exception? innerException = null)
    : Exception(message, innerException);
