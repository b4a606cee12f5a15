using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace CrmLedger.Postgres;

/// <summary>What the owner of a cluster does with it: a server stays, a command ends soon.</summary>
internal enum OwnerKind
{
    Server,
    Command,
}

/// <summary>Who holds a home.</summary>
internal sealed record HomeHolder(int ProcessId, OwnerKind Kind);

/// <summary>
/// An advisory lock (flock) on the home, which the kernel releases when its holder dies, however it dies. The file
/// itself stays for ever: removing it would let two holders lock two different files.
/// </summary>
internal sealed class HomeLock : IDisposable
{
    /// <summary>EWOULDBLOCK: somebody else has the lock.</summary>
    private const int WouldBlockOnLinux = 11, WouldBlockOnMac = 35;

    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(50);
    private readonly FileStream _file;

    private HomeLock(FileStream file) => _file = file;

    /// <summary>Waits while a command holds the home, at most <paramref name="patience"/>.</summary>
    /// <exception cref="EmbeddedPostgresException">A server holds it, or a command for too long.</exception>
    public static async Task<HomeLock> TakeAsync(
        PostgresHome home, OwnerKind kind, TimeSpan patience, CancellationToken cancel)
    {
        var waited = Stopwatch.StartNew();
        while (true)
        {
            if (TryTake(home, kind, out HomeLock? taken))
                return taken;
            HomeHolder? holder = await ReadHolderAsync(home, cancel);
            if (holder is { Kind: OwnerKind.Server })
            {
                throw new EmbeddedPostgresException($"The ledger in {home.Root} is already being served by process "
                    + $"{holder.ProcessId}. Use that one, stop it (kill {holder.ProcessId}), or use another --home.");
            }
            if (waited.Elapsed > patience)
                throw StillHeld(home, holder);
            await Task.Delay(s_poll, cancel);
        }
    }

    /// <returns>False when somebody else holds it.</returns>
    public static bool TryTake(PostgresHome home, OwnerKind kind, [NotNullWhen(true)] out HomeLock? taken)
    {
        taken = null;
        try
        {
            taken = new HomeLock(UnixFiles.Create(home.LockFile, FileMode.OpenOrCreate, FileShare.None));
            taken.Write(string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId} {kind}\n"));
            return true;
        }
        catch (IOException failure) when (failure.HResult is WouldBlockOnLinux or WouldBlockOnMac)
        {
            return false;
        }
        catch (Exception failure) when (failure is UnauthorizedAccessException or IOException)
        {
            taken?.Dispose();
            throw home.NotWritable(failure);
        }
    }

    /// <summary>Null when nobody can be named.</summary>
    public static async Task<HomeHolder?> ReadHolderAsync(PostgresHome home, CancellationToken cancel)
    {
        // .NET takes a lock for every file it opens, a shared one at least, and so cannot read a file that is locked.
        ChildResult result = await ChildProcess.RunAsync(["cat", home.LockFile], input: null, cancel);
        string[] words = result.Output.Split(' ', StringSplitOptions.TrimEntries);
        return words is [var id, var kind]
            && int.TryParse(id, CultureInfo.InvariantCulture, out int processId)
            && Enum.TryParse(kind, out OwnerKind known)
            ? new HomeHolder(processId, known)
            : null;
    }

    public static EmbeddedPostgresException StillHeld(PostgresHome home, HomeHolder? holder)
    {
        string who = holder is null ? "another process" : $"process {holder.ProcessId}";
        return new EmbeddedPostgresException($"The ledger in {home.Root} is in use by {who}, a command that has not "
            + "ended. Wait until it has, or run 'crmledger serve' first, beside which commands can run together.");
    }

    public void Dispose()
    {
        // An empty file names nobody: the next holder's first instant cannot be taken for ours.
        try
        {
            _file.SetLength(0);
        }
        finally
        {
            _file.Dispose();
        }
    }

    private void Write(string content)
    {
        _file.SetLength(0);
        _file.Write(Encoding.ASCII.GetBytes(content));
        _file.Flush();
    }
}
