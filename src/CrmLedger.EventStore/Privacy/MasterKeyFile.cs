using System.Text;
using CrmLedger.Postgres;

namespace CrmLedger.EventStore.Privacy;

/// <summary>
/// <c>master.key</c> of a data folder. Beside it lies, while it is being replaced, the key that is to follow: on disk
/// before the database knows of it, and under its own name only after.
/// </summary>
internal sealed class MasterKeyFile(string home)
{
    private readonly string _file = Path.Combine(home, "master.key");
    private readonly string _next = Path.Combine(home, "master.key.next");

    /// <summary>Where it is.</summary>
    public string Name => _file;

    /// <summary>Whether there is a key, this one or the one that is to follow.</summary>
    public bool IsThere => File.Exists(_file) || IsBeingReplaced;

    /// <summary>Whether there is one that is to follow.</summary>
    public bool IsBeingReplaced => File.Exists(_next);

    /// <summary>The key; makes it when there is none.</summary>
    /// <param name="link">Gives a file a second name, or answers that the name is taken.</param>
    public byte[] ReadOrMake(Func<string, string, bool> link)
    {
        if (!File.Exists(_file))
            Make(link);
        return Read(_file);
    }

    /// <summary>
    /// The keys that are there, the one that is to follow first: who looks while that takes its name finds it under one
    /// of the two.
    /// </summary>
    public IEnumerable<byte[]> ReadAll()
    {
        foreach (string file in new[] { _next, _file })
        {
            byte[]? key = null;
            try
            {
                key = File.Exists(file) ? Read(file) : null;
            }
            catch (FileNotFoundException)
            {
                // It has just taken its name.
            }
            if (key is not null)
                yield return key;
        }
    }

    /// <summary>Puts the key that is to follow on disk, whole or not at all.</summary>
    public void WriteNext(byte[] key)
    {
        string draft = _next + ".draft";
        try
        {
            File.Delete(draft);
            Write(draft, key);
            File.Move(draft, _next, overwrite: true);
            if (!OperatingSystem.IsWindows())
                UnixFiles.FlushFolder(home);
        }
        catch (IOException failure)
        {
            throw new MasterKeyException(
                $"The new master key {_next} cannot be written: {failure.Message} Nothing was replaced.", failure);
        }
    }

    /// <summary>Lets the one that is to follow take the name, in one step.</summary>
    public void Exchange()
    {
        File.Move(_next, _file, overwrite: true);
        if (!OperatingSystem.IsWindows())
            UnixFiles.FlushFolder(home);
    }

    /// <summary>Removes the one that was to follow.</summary>
    public void DropNext() => File.Delete(_next);

    /// <summary>Reads a key from a file that is nobody else's to use.</summary>
    /// <exception cref="MasterKeyException">Others may use it, or it holds no key.</exception>
    public static byte[] Read(string file)
    {
        if (!OperatingSystem.IsWindows())
        {
            var open = File.GetUnixFileMode(file) & ~UnixFiles.OwnerOnlyFile;
            if (open != UnixFileMode.None)
                throw new MasterKeyException($"Others may use the master key {file} ({open}). Run: chmod 600 {file}");
        }
        return Parse(File.ReadAllText(file).Trim(), file);
    }

    /// <summary>Reads a key.</summary>
    /// <param name="text">The key in base64.</param>
    /// <param name="where">Where it is from.</param>
    /// <exception cref="MasterKeyException">It is none; the message does not repeat it.</exception>
    public static byte[] Parse(string text, string where)
    {
        byte[] key = new byte[KeyWrap.KeyBytes + 1];
        return Convert.TryFromBase64String(text, key, out int written) && written == KeyWrap.KeyBytes
            ? key[..KeyWrap.KeyBytes]
            : throw new MasterKeyException($"The master key in {where} is not {KeyWrap.KeyBytes} bytes in base64.");
    }

    /// <summary>Gives a file a second name; false when that is taken.</summary>
    public static bool GiveName(string draft, string file)
    {
        if (!OperatingSystem.IsWindows())
            return UnixFiles.TryLink(draft, file);
        try
        {
            File.Move(draft, file, overwrite: false); // one step there; elsewhere .NET may have to copy
            return true;
        }
        catch (IOException) when (File.Exists(file))
        {
            return false;
        }
    }

    /// <summary>
    /// The key is on disk before it has its name, and has it in one step: whoever finds the file finds a whole key, and
    /// what it seals can be opened after a crash. Of several processes that make one, all take the first one's.
    /// </summary>
    private void Make(Func<string, string, bool> link)
    {
        Directory.CreateDirectory(home);
        string draft = $"{_file}.{Guid.CreateVersion7():N}";
        try
        {
            Write(draft, KeyWrap.NewKey());
            link(draft, _file);
        }
        catch (IOException failure)
        {
            throw new MasterKeyException($"The master key {_file} cannot be made: {failure.Message} Use a data folder "
                + "on a file system that knows hard links; or make a key with head -c 32 /dev/urandom | base64, keep "
                + $"it well, and start with it in {MasterKey.Variable}.", failure);
        }
        finally
        {
            File.Delete(draft);
        }
    }

    private static void Write(string path, byte[] key)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFiles.OwnerOnlyFile;
        using var stream = new FileStream(path, options);
        stream.Write(Encoding.ASCII.GetBytes(Convert.ToBase64String(key) + "\n"));
        stream.Flush(flushToDisk: true);
    }
}
