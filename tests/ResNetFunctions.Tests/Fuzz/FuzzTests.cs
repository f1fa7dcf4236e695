using ResNetFunctions.Fuzz;
using ResNetFunctions.Fuzz.Images;
using ResNetFunctions.Fuzz.Json;
using ResNetFunctions.Fuzz.Multipart;
using ResNetFunctions.Fuzz.Weights;
using ResNetFunctions.Imaging.Decoding;

namespace ResNetFunctions.Tests.Fuzz;

/// <summary>The first inputs of each sequence; docs/reliability.md has the long runs.</summary>
public sealed class FuzzTests : IDisposable
{
    private readonly StringWriter _output = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(ImageDecoder.Skia, 2_000)]
    [InlineData(ImageDecoder.ImageSharp, 200)]
    public async Task Serve_MutatedPictures_AnswersEachAsItShould(ImageDecoder decoder, int count) =>
        AssertNoFault(await HttpFuzz.RunAsync(First(count), new ImageRequests(), decoder, _output, Cancelled));

    [Fact]
    public async Task Serve_MutatedForms_AnswersEachAsItShould() =>
        AssertNoFault(await HttpFuzz.RunAsync(First(300), new MultipartRequests(), ImageDecoder.Skia, _output, Cancelled));

    [Fact]
    public async Task Serve_MutatedJson_AnswersEachAsItShould() =>
        AssertNoFault(await HttpFuzz.RunAsync(First(1_000), new JsonRequests(), ImageDecoder.Skia, _output, Cancelled));

    [Fact]
    public void Read_MutatedWeights_GivesTensorsOrAClearError() =>
        AssertNoFault(FileFuzz.Run(First(2_000), new WeightFiles(), _output));

    [Fact]
    public void Read_MutatedManifests_GivesAManifestOrAClearError() =>
        AssertNoFault(FileFuzz.Run(First(2_000), new Manifests(), _output));

    public void Dispose() => _output.Dispose();

    // Speed is the long runs' business: here others use the processor too.
    private static Inputs First(int count) => new(Seed: 2, From: 0, count, MaxSeconds: 60);

    private void AssertNoFault(int exitCode) => Assert.True(exitCode == 0, _output.ToString());
}
