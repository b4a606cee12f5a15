using System.ComponentModel;
using System.Runtime.InteropServices;

namespace CrmLedger.EventStore.Embedded;

/// <summary>Files and folders with their modes from the first moment on, never world-readable in between.</summary>
internal static partial class UnixFiles
{
    public const UnixFileMode OwnerOnlyFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    public const UnixFileMode ReadableFile = OwnerOnlyFile | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    public const UnixFileMode OwnerOnlyFolder = OwnerOnlyFile | UnixFileMode.UserExecute;
    public const UnixFileMode PassThroughFolder =
        OwnerOnlyFolder | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

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

    /// <summary>Gives the file a second name, unless that name is taken.</summary>
    /// <remarks>
    /// link(2) does it in one step. <see cref="File.Move(string, string, bool)" /> does not: it looks whether the name
    /// is free and then renames over whatever has taken it meanwhile.
    /// </remarks>
    public static bool TryLink(string path, string name)
    {
        if (OperatingSystem.IsWindows())
            throw new PlatformNotSupportedException();
        if (Link(path, name) == 0)
            return true;
        int error = Marshal.GetLastPInvokeError();
        return File.Exists(name)
            ? false
            : throw new IOException($"{path} could not be linked to {name}: {new Win32Exception(error).Message}");
    }

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Link(string path, string name);
}
