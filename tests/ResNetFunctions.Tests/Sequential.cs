namespace ResNetFunctions.Tests;

/// <summary>Tests that measure the whole process, so that no other may run beside them.</summary>
[CollectionDefinition(nameof(Sequential), DisableParallelization = true)]
public sealed class Sequential;
