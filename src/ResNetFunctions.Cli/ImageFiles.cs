using ResNetFunctions.Api;
using ResNetFunctions.Imaging;
using ResNetFunctions.Inference;

namespace ResNetFunctions.Cli;

/// <summary>Images on disk or on standard input, and their results in the same order.</summary>
internal static class ImageFiles
{
    private static readonly string[] Extensions = [".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp"];

    /// <summary>The files that the paths name; of a folder, those below it with an image's extension, by name.</summary>
    public static List<string> Expand(IEnumerable<string> paths)
    {
        List<string> files = [];
        foreach (string path in paths)
        {
            if (Directory.Exists(path))
            {
                files.AddRange(Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories)
                    .Where(file => Extensions.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase))
                    .Order(StringComparer.Ordinal));
            }
            else
            {
                files.Add(path);
            }
        }
        return files;
    }

    /// <summary>Classifies files, several at a time, and hands on each result in the files' order.</summary>
    public static async Task ClassifyAsync(
        IReadOnlyList<string> files, Classifier classifier, ClassifierOptions options, int? top, string? model,
        Action<ClassificationResult> onResult, CancellationToken cancellationToken)
    {
        // The first load may convert weights, and take longer than a turn may be waited for.
        await classifier.LoadAsync(model, cancellationToken);
        Queue<Task<ClassificationResult>> running = [];
        foreach (string file in files)
        {
            if (running.Count > options.Turns)
                onResult(await running.Dequeue());
            running.Enqueue(Task.Run(() => ClassifyAsync(file, classifier, options, top, model, cancellationToken), cancellationToken));
        }
        while (running.TryDequeue(out Task<ClassificationResult>? next))
            onResult(await next);
    }

    private static async Task<ClassificationResult> ClassifyAsync(
        string file, Classifier classifier, ClassifierOptions options, int? top, string? model, CancellationToken cancellationToken)
    {
        try
        {
            byte[] image = await ReadAsync(file, options.MaxImageBytes, cancellationToken);
            return ClassificationResult.Classified(await classifier.ClassifyAsync(image, top, model, cancellationToken)) with { File = file };
        }
        catch (RejectedException e) when (e.Code is not (ErrorCode.BadParameter or ErrorCode.UnknownModel))
        {
            return ClassificationResult.Rejected(e) with { File = file };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new ClassificationResult { Status = "failed", File = file, Error = new ResultError("unreadable", e.Message) };
        }
    }

    // One byte more than the limit is enough to be refused for it.
    private static async Task<byte[]> ReadAsync(string file, long limit, CancellationToken cancellationToken)
    {
        await using Stream stream = file == "-" ? Console.OpenStandardInput() : File.OpenRead(file);
        using var image = new MemoryStream();
        byte[] buffer = new byte[128 << 10];
        for (int read; image.Length <= limit && (read = await stream.ReadAsync(buffer, cancellationToken)) > 0;)
            image.Write(buffer, 0, read);
        return image.ToArray();
    }
}
