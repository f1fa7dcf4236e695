using Microsoft.Extensions.Azure;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace ResNetFunctions.Api.Blobs;

/// <summary>The classification of blobs, for any host that has the HTTP handlers' services.</summary>
public static class BlobServices
{
    /// <summary>Adds it; makes no request and throws nothing, whatever the settings are.</summary>
    public static IServiceCollection AddBlobs(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddAzureClientsCore();
        return services
            .AddSingleton(BlobsOptions.Read(configuration))
            .AddSingleton(provider => new ImageStorage(
                configuration, provider.GetRequiredService<BlobsOptions>(), provider.GetRequiredService<AzureComponentFactory>()))
            .AddSingleton<BlobClassifier>();
    }
}
