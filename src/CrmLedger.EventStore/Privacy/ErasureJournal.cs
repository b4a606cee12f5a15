using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using CrmLedger.Postgres;

namespace CrmLedger.EventStore.Privacy;

/// <summary>
/// Who was erased, outside the database, in the data folder: what a database that is restored from an older backup
/// cannot take back. One JSON object a line, in a file for each tenant; it holds ids that say nothing, times and
/// grounds, and is only ever added to.
/// </summary>
/// <param name="folder">Where; made when it is not there. Null keeps none.</param>
public sealed class ErasureJournal(string? folder)
{
    private readonly ConcurrentDictionary<string, Dictionary<Guid, ErasedSubject>> _read = new(StringComparer.Ordinal);

    /// <summary>Whether one is kept.</summary>
    public bool IsKept => folder is not null;

    /// <summary>Who stands in it.</summary>
    /// <exception cref="FormatException">A line of the file is none of ours.</exception>
    public IReadOnlyCollection<ErasedSubject> Read(string tenant)
    {
        var known = Known(tenant);
        lock (known)
            return [.. known.Values];
    }

    /// <summary>Adds those who are not in it; they are on disk afterwards.</summary>
    /// <exception cref="FormatException">A line of the file is none of ours.</exception>
    public void Add(string tenant, IReadOnlyCollection<ErasedSubject> erased)
    {
        if (folder is null)
            return;
        var known = Known(tenant);
        lock (known)
        {
            var added = erased.Where(e => !known.ContainsKey(e.SubjectId)).DistinctBy(e => e.SubjectId).ToList();
            if (added.Count == 0)
                return;
            UnixFiles.CreateFolder(folder, UnixFiles.OwnerOnlyFolder);
            string path = PathOf(tenant);
            bool isNew = !File.Exists(path);
            using (var file = UnixFiles.Create(path, FileMode.OpenOrCreate, FileShare.Read))
            {
                byte[] there = new byte[file.Length];
                file.ReadExactly(there);
                file.SetLength(WholeLines(there));
                file.Position = file.Length;
                foreach (var subject in added)
                    file.Write([.. JsonSerializer.SerializeToUtf8Bytes(subject, LedgerJson.Options), (byte)'\n']);
                file.Flush(flushToDisk: true);
            }
            if (isNew)
                UnixFiles.FlushFolder(folder);
            foreach (var subject in added)
                known[subject.SubjectId] = subject;
        }
    }

    private Dictionary<Guid, ErasedSubject> Known(string tenant) => _read.GetOrAdd(tenant, Load);

    private Dictionary<Guid, ErasedSubject> Load(string tenant)
    {
        var known = new Dictionary<Guid, ErasedSubject>();
        if (folder is null || !File.Exists(PathOf(tenant)))
            return known;
        byte[] content = File.ReadAllBytes(PathOf(tenant));
        string[] lines = Encoding.UTF8.GetString(content, 0, WholeLines(content)).Split('\n');
        for (int i = 0; i < lines.Length - 1; i++)
        {
            var subject = Parse(lines[i]) ?? throw new FormatException($"Line {i + 1} of {PathOf(tenant)} names nobody "
                + "who was erased. Put the file back as it was: without it, a restored backup would bring back people "
                + "who were erased.");
            known.TryAdd(subject.SubjectId, subject);
        }
        return known;
    }

    private static ErasedSubject? Parse(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<ErasedSubject>(line, LedgerJson.Options);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>
    /// Bytes up to the last line's end. What follows was being written when the machine stopped, and nobody had been
    /// told yet that it was.
    /// </summary>
    private static int WholeLines(byte[] content) => content.AsSpan().LastIndexOf((byte)'\n') + 1;

    private string PathOf(string tenant) => Path.Combine(folder!, $"{tenant}.erasures");
}
