using System.Security.Cryptography;
using System.Text;

namespace ResNetFunctions.Api.Http;

/// <summary>A key that clients must know. Hashes are of one length, so a comparison takes the same time whatever was given.</summary>
internal sealed class SecretKey(string? key)
{
    private readonly byte[]? _hash = string.IsNullOrEmpty(key) ? null : Hash(key);

    public bool IsSet => _hash is not null;

    /// <summary>Whether it is this key; never where none is set.</summary>
    public bool Is(string? given) => _hash is not null && CryptographicOperations.FixedTimeEquals(_hash, Hash(given ?? ""));

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
