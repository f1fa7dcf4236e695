namespace ResNetFunctions.Fuzz;

/// <summary>A range of inputs. Each depends only on the seed and its number.</summary>
/// <param name="MaxSeconds">Slower inputs, alone on the processor, are errors.</param>
internal readonly record struct Inputs(int Seed, int From, int Count, double MaxSeconds = 2)
{
    public IEnumerable<int> Numbers => Enumerable.Range(From, Count);

    public Random RandomFor(int number) => new(unchecked((Seed * 1_000_003) + number));
}
