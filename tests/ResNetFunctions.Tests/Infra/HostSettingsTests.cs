using System.Text.Json;
using ResNetFunctions.Api;

namespace ResNetFunctions.Tests.Infra;

/// <summary>The numbers of host.json and of the runtime's settings, which the documents give reasons for.</summary>
public sealed class HostSettingsTests
{
    [Fact]
    public void HostJson_Limits_AreThoseOfTheDocuments()
    {
        JsonElement host = JsonElement.Parse(File.ReadAllText(Path.Combine(Repository.Root, "host.json")));
        JsonElement http = host.GetProperty("extensions").GetProperty("http"), blobs = host.GetProperty("extensions").GetProperty("blobs");

        Assert.Equal("00:10:00", host.GetProperty("functionTimeout").GetString());
        JsonElement singleton = host.GetProperty("singleton");
        Assert.Equal("00:00:15", singleton.GetProperty("listenerLockPeriod").GetString());
        Assert.Equal("00:00:15", singleton.GetProperty("listenerLockRecoveryPollingInterval").GetString());
        Assert.Equal(200, http.GetProperty("maxOutstandingRequests").GetInt32());
        Assert.False(http.GetProperty("dynamicThrottlesEnabled").GetBoolean());
        Assert.Equal((4, 5), (blobs.GetProperty("maxDegreeOfParallelism").GetInt32(), blobs.GetProperty("poisonBlobThreshold").GetInt32()));

        // So an overloaded app answers its own 503 and not the host's empty 429.
        var options = new ResNetOptions();
        Assert.True(http.GetProperty("maxOutstandingRequests").GetInt32() > options.MaxQueue + options.MaxConcurrency);
    }

    [Fact]
    public void RuntimeConfig_OfTheCommand_CollectsGarbageEvery2MiB()
    {
        JsonElement config = JsonElement.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "resnet.runtimeconfig.json")));

        Assert.Equal(2 << 20, config.GetProperty("runtimeOptions").GetProperty("configProperties").GetProperty("System.GC.Gen0MaxBudget").GetInt32());
    }
}
