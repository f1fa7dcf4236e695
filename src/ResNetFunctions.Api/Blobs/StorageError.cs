using Azure;

namespace ResNetFunctions.Api.Blobs;

/// <summary>Makes a storage client's exception readable: it throws all of its retries together, and its messages list every
/// header.</summary>
internal static class StorageError
{
    public static Exception Cause(Exception e) => e is AggregateException all ? all.InnerExceptions[^1] : e;

    public static string OneLine(Exception e) => Cause(e) is RequestFailedException { ErrorCode: "ContainerNotFound" }
        ? "The container does not exist: create it, or name another (--container, Blobs__ImagesContainer)."
        : Cause(e).Message.Split('\n')[0].TrimEnd();
}
