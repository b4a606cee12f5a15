using System.Text;
using CrmLedger.Postgres;
using CrmLedger.Transparency;

namespace CrmLedger.EventStore.Checkpoints;

/// <summary>
/// The last checkpoint of each tenant's log outside the database, in the data folder: what a database that was set back
/// cannot take back.
/// </summary>
/// <param name="folder">Where; made when it is not there. Null keeps none.</param>
public sealed class OutsideCopy(string? folder)
{
    /// <summary>Whether any are kept.</summary>
    public bool IsKept => folder is not null;

    /// <summary>The checkpoint that is kept, or null.</summary>
    /// <exception cref="LogStoppedException">The file holds none any more.</exception>
    public SignedCheckpoint? Read(string tenant)
    {
        if (folder is null || !File.Exists(PathOf(tenant)))
            return null;
        try
        {
            return SignedCheckpoint.Parse(File.ReadAllBytes(PathOf(tenant)));
        }
        catch (FormatException damaged)
        {
            throw new LogStoppedException($"{PathOf(tenant)} holds no checkpoint any more: {damaged.Message} Put it "
                + "back as it was, or declare a new origin: crmledger log new-origin.", damaged);
        }
    }

    /// <summary>When the tenant's copy was written last, and how long it is: cheap to see, changed with it.</summary>
    public string StampOf(string tenant)
    {
        var file = folder is null ? null : new FileInfo(PathOf(tenant));
        return file is { Exists: true } ? $"{file.LastWriteTimeUtc.Ticks} {file.Length}" : "none";
    }

    /// <summary>
    /// The log that the copy is of, or null; a copy that cannot be read any more is kept under another name, and gives
    /// null.
    /// </summary>
    public string? OriginOrSetAside(string tenant)
    {
        try
        {
            return Read(tenant)?.Checkpoint.Origin;
        }
        catch (LogStoppedException)
        {
            File.Move(PathOf(tenant), $"{PathOf(tenant)}.damaged-{Guid.CreateVersion7():N}");
            return null;
        }
    }

    /// <summary>Keeps a checkpoint instead of the one before; it is on disk afterwards.</summary>
    public void Write(string tenant, SignedCheckpoint checkpoint)
    {
        if (folder is null)
            return;
        UnixFiles.CreateFolder(folder, UnixFiles.OwnerOnlyFolder);
        UnixFiles.Replace(
            PathOf(tenant), Encoding.UTF8.GetString(checkpoint.ToUtf8()), UnixFiles.OwnerOnlyFile);
    }

    private string PathOf(string tenant) => Path.Combine(folder!, $"{tenant}.checkpoint");
}
