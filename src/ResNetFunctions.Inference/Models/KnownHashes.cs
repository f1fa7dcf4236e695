using System.Security.Cryptography;
using System.Text;

namespace ResNetFunctions.Inference.Models;

/// <summary>Caches the SHA-256 of files by their file status, as git does: hashing 47 MB at each launch takes 35
/// ms.</summary>
internal sealed class KnownHashes(string folder)
{
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
            // Then it is computed again next time.
        }
    }
}
