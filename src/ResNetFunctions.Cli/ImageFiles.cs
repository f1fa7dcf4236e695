using ResNetFunctions.Api;
using ResNetFunctions.Imaging;
using ResNetFunctions.Inference;

namespace ResNetFunctions.Cli;

/// <summary>Classifies images on disk or on standard input.</summary>
internal static class ImageFiles
{
    private static readonly string[] Extensions = [".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp"];

    /// <summary>Expands folders to the image files below them, by name.</summary>
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

    /// <summary>Classifies several files at a time; results come in the files' order.</summary>
    public static async Task ClassifyAsync(
        IReadOnlyList<string> files, Classifier classifier, ClassifierOptions options, int? top, string? model,
        Action<ClassificationResult> onResult, CancellationToken cancellationToken)
    {
        // The first load may convert weights and take longer than the queue's timeout.
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

    // One byte over the limit is enough to refuse it.
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
