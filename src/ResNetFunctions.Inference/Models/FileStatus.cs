using System.Runtime.InteropServices;

namespace ResNetFunctions.Inference.Models;

/// <param name="IsOwn">Whether it is a plain file, no link, and belongs to this process's user. Other files are not
/// used.</param>
/// <param name="Fingerprint">Changes with the file's bytes, at the latest 2 s after; null if unknown.</param>
internal readonly unsafe partial record struct FileStatus(bool IsOwn, string? Fingerprint)
{
    private const int CurrentFolder = -100, NoFollow = 0x100; // AT_FDCWD, AT_SYMLINK_NOFOLLOW
    private const uint BasicStats = 0x7FF; // STATX_BASIC_STATS

    public static FileStatus Of(string path)
    {
        if (OperatingSystem.IsWindows())
            return new FileStatus(IsOwn: true, null); // The user's cache folder is the user's alone there.
        return OperatingSystem.IsLinux() ? OfLinux(path) : new FileStatus(MaySetMode(path), null);
    }

    // The kernel's struct statx, the same on every architecture.
    private static FileStatus OfLinux(string path)
    {
        var status = stackalloc byte[256];
        if (StatX(CurrentFolder, path, NoFollow, BasicStats, status) != 0)
            return default;
        var (user, mode) = (*(uint*)(status + 20), *(ushort*)(status + 28));
        ReadOnlySpan<ulong> identity =
        [
            *(ulong*)(status + 32), *(ulong*)(status + 40), // inode, size
            *(ulong*)(status + 96), *(uint*)(status + 104), *(ulong*)(status + 112), *(uint*)(status + 120), // changed, modified
            *(ulong*)(status + 136), // device
        ];
        // A change within the same tick of the clock would not show. Nobody can set the time of change.
        var settled = DateTimeOffset.UtcNow.ToUnixTimeSeconds() - (long)identity[2] is >= 2;
        return new FileStatus(
            user == EffectiveUser() && (mode & 0xF000) == 0x8000, // S_IFREG
            settled ? Convert.ToHexStringLower(MemoryMarshal.AsBytes(identity)) : null);
    }

    // Only the owner may set a file's mode.
    private static bool MaySetMode(string path)
    {
        try
        {
#pragma warning disable CA1416 // never called on Windows
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
#pragma warning restore CA1416
            return new FileInfo(path).LinkTarget is null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatX(int folder, string path, int flags, uint mask, byte* status);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint EffectiveUser();
}
