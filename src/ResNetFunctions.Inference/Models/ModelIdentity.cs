namespace ResNetFunctions.Inference.Models;

/// <summary>Which weights answered.</summary>
/// <param name="Name">The manifest's name.</param>
/// <param name="Weights"><c>official</c>, <c>bundled</c> or <c>trained</c>: the weights whose sha256 the manifest states, and
/// what it says they are; <c>user</c>: a file that the user brought.</param>
/// <param name="Sha256">The lower-case hex SHA-256 of the weights file.</param>
public sealed record ModelIdentity(string Name, string Weights, string Sha256);
