using System.Security.Cryptography;
using System.Text;

namespace ResNetFunctions.Inference.Models;

/// <summary>Remembers the SHA-256 of files by what the system says of them, as git does: weights of 47 MB take 35 ms of
/// each launch otherwise.</summary>
/// <param name="folder">The cache folder.</param>
internal sealed class KnownHashes(string folder)
{
    /// <summary>The lower-case hex SHA-256 of a file's bytes.</summary>
    public string Of(string path)
    {
        string full = new FileInfo(path).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? Path.GetFullPath(path);
        if (FileStatus.Of(full).Fingerprint is not { } fingerprint)
            return ModelStore.Sha256(path);

        string entry = Path.Combine(folder, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(full)))[..32] + ".sha256");
        if (Read(entry, fingerprint) is { } known)
            return known;
        string sha256 = ModelStore.Sha256(path);
        if (FileStatus.Of(full).Fingerprint == fingerprint)
            Write(entry, $"{fingerprint} {sha256}");
        return sha256;
    }

    private static string? Read(string entry, string fingerprint)
    {
        try
        {
            return FileStatus.Of(entry).IsOwn && File.ReadAllText(entry).Split(' ') is [var of, { Length: 64 } sha256] && of == fingerprint
                ? sha256
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private void Write(string entry, string line)
    {
        try
        {
            string unfinished = Path.Combine(folder, $".{Guid.NewGuid():N}.part");
            File.WriteAllText(unfinished, line);
            File.Move(unfinished, entry, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Then it is computed again the next time.
        }
    }
}
