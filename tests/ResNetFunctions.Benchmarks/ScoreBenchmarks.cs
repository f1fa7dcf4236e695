using BenchmarkDotNet.Attributes;
using ResNetFunctions.Inference.Sessions;

namespace ResNetFunctions.Benchmarks;

/// <summary>From logits to the top k classes.</summary>
[MemoryDiagnoser]
public class ScoreBenchmarks
{
    private readonly float[] _logits = new float[1000];
    private readonly float[] _scores = new float[1000];
    private readonly int[] _top = new int[5];

    public ScoreBenchmarks()
    {
        var random = new Random(1);
        foreach (ref float logit in _logits.AsSpan())
            logit = random.NextSingle() * 20;
    }

    [Benchmark]
    public bool SoftmaxOf1000()
    {
        _logits.CopyTo(_scores, 0);
        return Softmax.InPlace(_scores);
    }

    [Benchmark]
    public void Top5Of1000() => TopK.Select(_logits, _top);
}
