using System.Security.Cryptography;
using System.Text;

namespace ResNetFunctions.Api.Http;

/// <summary>A key that clients must know. It compares hashes, so that the time does not depend on the input.</summary>
internal sealed class SecretKey(string? key)
{
    private readonly byte[]? _hash = string.IsNullOrEmpty(key) ? null : Hash(key);

    public bool IsSet => _hash is not null;

    public bool Is(string? given) => _hash is not null && CryptographicOperations.FixedTimeEquals(_hash, Hash(given ?? ""));

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
