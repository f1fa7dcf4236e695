using System.CommandLine;
using ResNetFunctions.Fuzz;
using ResNetFunctions.Fuzz.Images;
using ResNetFunctions.Fuzz.Json;
using ResNetFunctions.Fuzz.Multipart;
using ResNetFunctions.Fuzz.Weights;
using ResNetFunctions.Imaging.Decoding;

var count = new Option<int>("--count") { Description = "How many inputs.", DefaultValueFactory = _ => 2_000 };
var seed = new Option<int>("--seed") { Description = "Which sequence of inputs.", DefaultValueFactory = _ => 1 };
var from = new Option<int>("--from") { Description = "The first input: a run that was stopped goes on there.", DefaultValueFactory = _ => 0 };
var decoder = new Option<ImageDecoder>("--decoder") { Description = "Skia or ImageSharp.", DefaultValueFactory = _ => ImageDecoder.Skia };

Inputs Inputs(ParseResult parsed) => new(parsed.GetValue(seed), parsed.GetValue(from), parsed.GetValue(count));

var images = new Command("images", "Mutated pictures, posted to a real `resnet serve`.") { count, seed, from, decoder };
images.SetAction((parsed, cancellationToken) =>
    HttpFuzz.RunAsync(Inputs(parsed), new ImageRequests(), parsed.GetValue(decoder), Console.Out, cancellationToken));

var multipart = new Command("multipart", "Mutated multipart bodies, posted to a real `resnet serve`.") { count, seed, from, decoder };
multipart.SetAction((parsed, cancellationToken) =>
    HttpFuzz.RunAsync(Inputs(parsed), new MultipartRequests(), parsed.GetValue(decoder), Console.Out, cancellationToken));

var json = new Command("json", "Mutated JSON of every dialect, posted to a real `resnet serve`.") { count, seed, from, decoder };
json.SetAction((parsed, cancellationToken) =>
    HttpFuzz.RunAsync(Inputs(parsed), new JsonRequests(), parsed.GetValue(decoder), Console.Out, cancellationToken));

var weights = new Command("weights", "Mutated .pth and .safetensors files.") { count, seed, from };
weights.SetAction(parsed => FileFuzz.Run(Inputs(parsed), new WeightFiles(), Console.Out));

var manifests = new Command("manifests", "Mutated manifests.") { count, seed, from };
manifests.SetAction(parsed => FileFuzz.Run(Inputs(parsed), new Manifests(), Console.Out));

return await new RootCommand("Seeded, resumable mutations of everything that comes from outside.") { images, multipart, json, weights, manifests }
    .Parse(args).InvokeAsync();
