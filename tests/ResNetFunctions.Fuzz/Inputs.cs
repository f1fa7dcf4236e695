namespace ResNetFunctions.Fuzz;

/// <summary>A range of one sequence of inputs. Each input depends on the seed and its own number alone.</summary>
/// <param name="Seed">Which sequence.</param>
/// <param name="From">The first.</param>
/// <param name="Count">How many.</param>
/// <param name="MaxSeconds">What is slower, with a processor to itself, is a fault.</param>
internal readonly record struct Inputs(int Seed, int From, int Count, double MaxSeconds = 2)
{
    public IEnumerable<int> Numbers => Enumerable.Range(From, Count);

    public Random RandomFor(int number) => new(unchecked((Seed * 1_000_003) + number));
}
