namespace ResNetFunctions.Inference.Models;

/// <summary>A model's weights.</summary>
/// <param name="Name">The model's name.</param>
/// <param name="Weights"><c>official</c>, <c>bundled</c> or <c>trained</c>: the weights of the manifest; <c>user</c>: the
/// user's own file.</param>
/// <param name="Sha256">In lower-case hex.</param>
public sealed record ModelIdentity(string Name, string Weights, string Sha256);
