using System.Runtime.InteropServices;

namespace ResNetFunctions.Inference.Models;

/// <summary>Whose a file is. Of another user's making, nothing is read that a process acts on.</summary>
internal static unsafe partial class FileOwner
{
    private const int CurrentFolder = -100, NoFollow = 0x100; // AT_FDCWD, AT_SYMLINK_NOFOLLOW
    private const uint WantMode = 0x2, WantUser = 0x8; // STATX_MODE, STATX_UID

    /// <summary>Whether a path is a plain file that belongs to this process's user.</summary>
    public static bool IsThisUser(string path)
    {
        if (OperatingSystem.IsWindows())
            return true; // The user's cache folder is the user's alone there.
        if (!OperatingSystem.IsLinux())
            return MaySetMode(path);

        // The kernel's struct statx, the same on every architecture: the user at 20, the mode at 28.
        byte* status = stackalloc byte[256];
        return StatX(CurrentFolder, path, NoFollow, WantMode | WantUser, status) == 0
            && *(uint*)(status + 20) == EffectiveUser()
            && (*(ushort*)(status + 28) & 0xF000) == 0x8000; // S_IFREG
    }

    // Only its owner may set a file's mode.
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
