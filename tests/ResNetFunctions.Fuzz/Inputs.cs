namespace ResNetFunctions.Fuzz;

/// <summary>A range of one sequence of inputs. Each input depends on the seed and its own number alone.</summary>
internal readonly record struct Inputs(int Seed, int From, int Count)
{
    public IEnumerable<int> Numbers => Enumerable.Range(From, Count);

    public Random RandomFor(int number) => new(unchecked((Seed * 1_000_003) + number));
}
