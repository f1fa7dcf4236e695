namespace ResNetFunctions.Api.Blobs;

/// <summary>What a storage client throws, for people. Where its own retries failed too, it throws all of them together;
/// and its messages go on with every header of the answer.</summary>
internal static class StorageError
{
    /// <summary>The last of what went wrong.</summary>
    public static Exception Cause(Exception e) => e is AggregateException all ? all.InnerExceptions[^1] : e;

    /// <summary>What went wrong, in one line.</summary>
    public static string OneLine(Exception e) => Cause(e).Message.Split('\n')[0].TrimEnd();
}
