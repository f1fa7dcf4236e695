using System.Globalization;
using Microsoft.Extensions.Configuration;
using ResNetFunctions.Api;
using ResNetFunctions.Inference.Devices;

namespace ResNetFunctions.Tests.Api;

/// <summary>The numbers that the documents give for settings: defaults, and the first and last value that is taken.</summary>
public sealed class ResNetOptionsTests
{
    [Fact]
    public void Read_NothingSet_IsTheDefaultsOfTheDocuments()
    {
        ResNetOptions options = Read();

        Assert.Empty(options.Validate());
        Assert.Equal((3, 64, 2, 0), (options.Top, options.MaxQueue, options.MaxLoadedModels, options.IntraOpThreads));
        Assert.Equal((20 << 20, 64 << 20, 512 << 20), (options.MaxImageBytes, options.MaxRequestBytes, options.MaxBytesInFlight));
        Assert.Equal((64_000_000, 256_000_000), (options.MaxImagePixels, options.MaxPixelsInFlight));
        Assert.Equal((TimeSpan.FromSeconds(10), Environment.ProcessorCount), (options.QueueTimeout, options.MaxConcurrency));
        Assert.Equal((Device.Cpu, 32, TimeSpan.FromMilliseconds(2)), (options.Device, options.MaxBatch, options.BatchDelay));
        Assert.Equal((false, true), (options.FastDecode, options.ApplyOrientation));
    }

    [Theory]
    [InlineData("Top", "1", "1000")]
    [InlineData("MaxConcurrency", "1", "1024")]
    [InlineData("MaxQueue", "0", "100000")]
    [InlineData("IntraOpThreads", "0", "256")]
    [InlineData("MaxLoadedModels", "1", "64")]
    [InlineData("MaxBatch", "1", "256")]
    [InlineData("MaxImageBytes", "1", "1073741824")]
    public void Validate_NumberAtItsEdges_IsTakenAndBeyondThemNot(string setting, string first, string last)
    {
        Assert.Empty(Read((setting, first)).Validate());
        Assert.Empty(Read((setting, last)).Validate());
        Assert.Contains(setting, Assert.Single(Read((setting, More(first, -1))).Validate()), StringComparison.Ordinal);
        Assert.Contains(setting, Assert.Single(Read((setting, More(last, 1))).Validate()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("00:00:00.001", true)]
    [InlineData("00:00:00", false)]
    [InlineData("01:00:00", true)]
    [InlineData("01:00:00.001", false)]
    public void Validate_QueueTimeout_IsAMillisecondToAnHour(string value, bool isTaken) =>
        Assert.Equal(isTaken, Read(("QueueTimeout", value)).Validate().Count == 0);

    [Theory]
    [InlineData("00:00:00", true)]
    [InlineData("00:00:01", true)]
    [InlineData("00:00:01.001", false)]
    public void Validate_BatchDelay_IsAtMostASecond(string value, bool isTaken) =>
        Assert.Equal(isTaken, Read(("BatchDelay", value)).Validate().Count == 0);

    [Theory]
    [InlineData("cpu", Device.Cpu)]
    [InlineData("auto", Device.Auto)]
    public void Validate_DeviceThatEveryMachineHas_IsTaken(string value, Device device)
    {
        ResNetOptions options = Read(("Device", value));

        Assert.Empty(options.Validate());
        Assert.Equal(device, options.Device);
    }

    [Fact]
    public void Validate_DeviceThatIsNone_IsTold() =>
        Assert.Contains("Device", Assert.Single(Read(("Device", "tpu")).Validate()), StringComparison.Ordinal);

    [Fact]
    public void Validate_CudaInABuildForTheCpu_NamesTheBuildThatIsWanted()
    {
        Assert.SkipWhen(CudaMachine.Here().Providers.Contains("CUDAExecutionProvider"), "Skipped: this build is for the GPU.");

        Assert.StartsWith("Device is cuda. This build is for the CPU:", Assert.Single(Read(("Device", "cuda")).Validate()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("64000000", true)]
    [InlineData("63999999", false)]
    public void Validate_PixelsInFlight_AreAtLeastThoseOfOneImage(string value, bool isTaken) =>
        Assert.Equal(isTaken, Read(("MaxPixelsInFlight", value)).Validate().Count == 0);

    [Theory]
    [InlineData("134217728", true)]
    [InlineData("134217727", false)]
    public void Validate_BytesInFlight_AreAtLeastThoseOfTwoRequests(string value, bool isTaken) =>
        Assert.Equal(isTaken, Read(("MaxBytesInFlight", value)).Validate().Count == 0);

    private static string More(string number, long more) =>
        (long.Parse(number, CultureInfo.InvariantCulture) + more).ToString(CultureInfo.InvariantCulture);

    private static ResNetOptions Read(params (string Key, string Value)[] settings) => ResNetOptions.Read(
        new ConfigurationBuilder().AddInMemoryCollection(settings.ToDictionary(s => "ResNet:" + s.Key, s => (string?)s.Value)).Build());
}
