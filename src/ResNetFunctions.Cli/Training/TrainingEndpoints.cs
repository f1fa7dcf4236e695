using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ResNetFunctions.Api;
using ResNetFunctions.Api.Http;
using ResNetFunctions.Inference;
using ResNetFunctions.Inference.Models;

namespace ResNetFunctions.Cli.Training;

/// <summary>The routes of training on the page: <c>/api/training/…</c>. Changes are PUT or DELETE, which a browser does not
/// send from another site without asking this server first.</summary>
internal sealed class TrainingEndpoints(
    PhotoSets sets, TrainingRuns runs, Classifier classifier, ResNetOptions options, ILogger<TrainingEndpoints> logger)
{
    public static void Map(IEndpointRouteBuilder app, ResNetOptions options, TrainingEndpoints endpoints)
    {
        RouteGroupBuilder training = app.MapGroup("/api/training");
        training.AddEndpointFilter(new LoopbackFilter(options.ApiKey)).AddEndpointFilter(new ApiKeyFilter(options.ApiKey));
        training.MapGet("/", (HttpRequest request) => endpoints.Answers(request, endpoints.List));
        RouteGroupBuilder set = training.MapGroup("/{set}");
        set.MapGet("/", (string set, HttpRequest request) => endpoints.Answers(request, () => endpoints.Describe(set)));
        set.MapPut("/run", (string set, HttpRequest request, IHostApplicationLifetime host) =>
            endpoints.Answers(request, () => Answer.Json(endpoints.Start(set, host), TrainingJson.Default.TrainingState, StatusCodes.Status202Accepted)));
        set.MapDelete("/run", (string set, HttpRequest request) => endpoints.Answers(request, () => endpoints.Stop(set)));
        RouteGroupBuilder @class = set.MapGroup("/classes/{name}");
        @class.MapPut("/", (string set, string name, HttpRequest request) => endpoints.Answers(request, () => endpoints.AddClass(set, name)));
        @class.MapDelete("/", (string set, string name, HttpRequest request) => endpoints.Answers(request, () => endpoints.RemoveClass(set, name)));
        @class.MapPut("/photos", (string set, string name, HttpRequest request, CancellationToken cancellationToken) =>
            endpoints.AddPhotoAsync(set, name, request, cancellationToken));
        @class.MapGet("/photos/{photo}", (string set, string name, string photo, HttpRequest request) =>
            endpoints.Answers(request, () => endpoints.Photo(set, name, photo)));
        @class.MapDelete("/photos/{photo}", (string set, string name, string photo, HttpRequest request) =>
            endpoints.Answers(request, () => endpoints.RemovePhoto(set, name, photo)));
    }

    private Task<IResult> Answers(HttpRequest request, Func<IResult> handler) =>
        Answer.FromAsync(request, logger, () => Task.FromResult(handler()));

    private IResult List() => Answer.Json(new TrainingSets(sets.Names), TrainingJson.Default.TrainingSets);

    private IResult Describe(string set)
    {
        TrainingClass[] classes = [.. sets.Classes(set).Select(static c => new TrainingClass(c.Class, c.Photos))];
        TrainingFacts? trained = classifier.Store.Exists(set) ? classifier.Store.Find(set).Training : null;
        return Answer.Json(new TrainingSet(set, classes, runs.StateOf(set), trained), TrainingJson.Default.TrainingSet);
    }

    private TrainingState Start(string set, IHostApplicationLifetime host) => runs.Start(set, host.ApplicationStopping);

    private IResult Stop(string set)
    {
        runs.Stop(set);
        return Results.NoContent();
    }

    private IResult AddClass(string set, string name)
    {
        sets.AddClass(set, name);
        return Results.NoContent();
    }

    private IResult RemoveClass(string set, string name)
    {
        sets.RemoveClass(set, name);
        return Results.NoContent();
    }

    private Task<IResult> AddPhotoAsync(string set, string name, HttpRequest request, CancellationToken cancellationToken) =>
        Answer.FromAsync(request, logger, async () =>
        {
            long limit = Math.Min(options.MaxImageBytes, options.MaxRequestBytes);
            using PooledBytes image = await PooledBytes.ReadAsync(request.Body, request.ContentLength, limit, null, cancellationToken);
            string format = classifier.FormatOf(image.Memory.Span);
            string photo = sets.Add(set, name, image.Memory.Span, format);
            return Answer.Json(new KeptPhoto(photo), TrainingJson.Default.KeptPhoto, StatusCodes.Status201Created);
        });

    private IResult Photo(string set, string name, string photo) =>
        Results.File(sets.PathOf(set, name, photo), $"image/{Path.GetExtension(photo)[1..]}");

    private IResult RemovePhoto(string set, string name, string photo)
    {
        File.Delete(sets.PathOf(set, name, photo));
        return Results.NoContent();
    }
}
