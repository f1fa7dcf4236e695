using System.Text.Json;
using ResNetFunctions.ModelTools.Onnx;

namespace ResNetFunctions.Tests.ModelTools.Onnx;

/// <summary>Every architecture at full size against torchvision, with weights and images from a formula in both languages.
/// tests/reference/make_formula_golden.py made the answers.</summary>
public class FormulaParityTests
{
    private const double Tolerance = 1e-4;

    public static TheoryData<string> Architectures => [.. Architecture.Names.Where(static name => name != "resnet")];

    [Theory]
    [MemberData(nameof(Architectures))]
    public void Build_SeededWeights_LogitsAreTorchvisions(string architecture)
    {
        using Stream resource = GetType().Assembly.GetManifestResourceStream("formula.golden.json")!;
        using var golden = JsonDocument.Parse(resource);
        using var network = new Network(Architecture.Build(architecture, Architecture.Seeded(architecture)));

        // Two images in one run: the batch is free.
        float[] logits = network.Run([.. Formula.Image(0), .. Formula.Image(1)]);

        int image = 0;
        foreach (JsonElement expected in golden.RootElement.GetProperty(architecture).EnumerateArray())
        {
            float[] row = logits[(image * 1000)..(++image * 1000)];
            double spread = expected.GetProperty("spread").GetDouble();
            double tolerance = Tolerance * Math.Max(1, spread);
            Assert.Equal(spread, row.Max() - row.Min(), tolerance + 1e-3);
            (int Index, float Logit)[] top5 = [.. row.Index().OrderByDescending(static l => l.Item).Take(5)];
            foreach (((int index, float logit), JsonElement pair) in top5.Zip(expected.GetProperty("top5").EnumerateArray()))
            {
                Assert.Equal(pair[0].GetInt32(), index);
                Assert.Equal(pair[1].GetDouble(), logit, tolerance);
            }

            int at = 0;
            foreach (JsonElement value in expected.GetProperty("every50th").EnumerateArray())
                Assert.Equal(value.GetDouble(), row[50 * at++], tolerance);
        }

        Assert.Equal(2, image);
    }
}
