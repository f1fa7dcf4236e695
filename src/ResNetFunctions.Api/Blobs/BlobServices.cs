using Microsoft.Extensions.Azure;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace ResNetFunctions.Api.Blobs;

/// <summary>Registers the classification of blobs.</summary>
public static class BlobServices
{
    /// <summary>Makes no request and does not throw, whatever the settings are.</summary>
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
