using System.Runtime.InteropServices;

namespace CrmLedger.Postgres;

/// <summary>Files and folders with their modes from the first moment on, never world-readable in between.</summary>
public static class UnixFiles
{
    /// <summary>0600.</summary>
    public const UnixFileMode OwnerOnlyFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>0644.</summary>
    public const UnixFileMode ReadableFile = OwnerOnlyFile | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>0700.</summary>
    public const UnixFileMode OwnerOnlyFolder = OwnerOnlyFile | UnixFileMode.UserExecute;

    /// <summary>0711: others reach what they may open in it, and cannot list it.</summary>
    public const UnixFileMode PassThroughFolder =
        OwnerOnlyFolder | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private const int InvalidArgument = 22; // EINVAL: this file system has nothing to flush for a folder

    /// <summary>Makes the folder with this mode; one that exists keeps its own.</summary>
    public static void CreateFolder(string path, UnixFileMode mode)
    {
        if (OperatingSystem.IsWindows())
            throw new PlatformNotSupportedException();
        if (Directory.Exists(path))
            return;
        Directory.CreateDirectory(path, mode);
        // The umask may have taken bits away that another user needs.
        File.SetUnixFileMode(path, mode);
    }

    /// <summary>Replaces the file in one step: after a crash there is the old content or the new one.</summary>
    public static void Replace(string path, string content, UnixFileMode mode)
    {
        if (OperatingSystem.IsWindows())
            throw new PlatformNotSupportedException();
        string aside = path + ".new";
        File.Delete(aside);
        using (FileStream stream = Create(aside, FileMode.CreateNew, FileShare.None))
        {
            stream.Write(System.Text.Encoding.UTF8.GetBytes(content));
            stream.Flush(flushToDisk: true);
        }
        File.SetUnixFileMode(aside, mode);
        File.Move(aside, path, overwrite: true);
        FlushFolder(Path.GetDirectoryName(path)!);
    }

    /// <summary>Opens for reading and writing; a file that is made here is its owner's only.</summary>
    public static FileStream Create(string path, FileMode mode, FileShare share)
    {
        if (OperatingSystem.IsWindows())
            throw new PlatformNotSupportedException();
        return new FileStream(path, new FileStreamOptions
        {
            Mode = mode,
            Access = FileAccess.ReadWrite,
            Share = share,
            UnixCreateMode = OwnerOnlyFile,
        });
    }

    /// <summary>
    /// Gives a file a second name, in one step; false when that name is taken. Afterwards the name is on disk.
    /// </summary>
    /// <exception cref="IOException">The file system has no hard links, or the file cannot be linked there.</exception>
    public static bool TryLink(string path, string name)
    {
        const int exists = 17; // EEXIST, on Linux and macOS
        bool linked = Link(path, name) == 0;
        int error = Marshal.GetLastPInvokeError();
        if (!linked && error != exists)
            throw new IOException($"{name} cannot be linked to {path}: {Marshal.GetPInvokeErrorMessage(error)}.");
        FlushFolder(Path.GetDirectoryName(name)!);
        return linked;
    }

    /// <summary>
    /// Puts the names in a folder on disk: a file that was made, renamed or linked is otherwise safe as to its content
    /// and not as to its name.
    /// </summary>
    public static void FlushFolder(string path)
    {
        // .NET opens no folders.
        int folder = Open(path, flags: 0); // O_RDONLY
        if (folder < 0)
            throw LastError("opened", path);
        try
        {
            if (Flush(folder) < 0 && Marshal.GetLastPInvokeError() is not InvalidArgument)
                throw LastError("written to disk", path);
        }
        finally
        {
            _ = Close(folder);
        }
    }

    private static IOException LastError(string what, string path) => new(
        $"The folder {path} cannot be {what}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}.");

    [DllImport("libc", EntryPoint = "link", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Link(
        [MarshalAs(UnmanagedType.LPUTF8Str)] string path, [MarshalAs(UnmanagedType.LPUTF8Str)] string name);

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Flush(int file);

    [DllImport("libc", EntryPoint = "close", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Close(int file);
}
