using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Azure.Functions.Worker.Core.FunctionMetadata;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ResNetFunctions;
using ResNetFunctions.Api;
using ResNetFunctions.Api.Blobs;
using ResNetFunctions.Api.Dialects;
using ResNetFunctions.Api.Hosting;
using ResNetFunctions.Api.Http;
using ResNetFunctions.Api.Queue;
using ResNetFunctions.Inference;

FunctionsApplicationBuilder builder = FunctionsApplication.CreateBuilder(args);
builder.ConfigureFunctionsWebApplication();
builder.Services.Configure<KestrelServerOptions>(ServerLimits.Apply);

// ASP.NET Core would log each request's address, which may hold a key.
builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);

// Invalid settings do not throw here: without this process the host would answer nothing for a minute and then exit. Each
// request is answered 503, and the log says why.
ResNetOptions options = AppSettings.Read(builder.Configuration);
Classifier.Configure(options);
builder.Services
    .AddResNet(options, new Lazy<Classifier>(() => Classifier.Shared))
    .AddSingleton(new DialectKey(options.ClientKey, isNeeded: true))
    .AddBlobs(builder.Configuration)
    .AddWorkQueue()
    .AddSingleton<IFunctionMetadataTransformer, TriggerSettings>()
    .AddWorkerTelemetry(builder.Configuration)
    .AddHostedService<WarmUp>();

await builder.Build().RunAsync();
