namespace ResNetFunctions.Tests;

/// <summary>Tests that count what the whole process does, so that no other may run beside them.</summary>
[CollectionDefinition(nameof(Sequential), DisableParallelization = true)]
public sealed class Sequential;
