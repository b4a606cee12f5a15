using System.Collections.Concurrent;
using System.Text.Json;
using CrmLedger.Customers;
using CrmLedger.EventStore.Privacy;
using CrmLedger.Server.Commands;
using CrmLedger.Server.Demonstration;
using CrmLedger.Server.Problems;

namespace CrmLedger.Tests.Demonstration;

/// <summary>
/// A demonstration year put through the real deciders in memory, each stream from its first event: what a ledger would
/// hold of it, and every line that a ledger would have rejected.
/// </summary>
internal sealed class PlayedYear
{
    public static readonly Guid ImportId = new("00000000-0000-0000-0000-0000000000aa");

    private static readonly TenantKeys s_keys = new("demonstration", WrappingKeys.None, new byte[32]);

    /// <summary>Nobody changes a year once it was played, so the tests share them.</summary>
    private static readonly ConcurrentDictionary<(DateOnly, int), PlayedYear> s_played = new();

    private readonly Dictionary<string, object> _states = [];

    private PlayedYear(IReadOnlyList<string> lines, DateTimeOffset end)
    {
        (Lines, End) = (lines, end);
        foreach (string line in lines)
            Play(line);
    }

    public IReadOnlyList<string> Lines { get; }

    public DateTimeOffset End { get; }

    public List<string> Rejected { get; } = [];

    public List<Envelope> Log { get; } = [];

    public IEnumerable<(Guid Id, CustomerStream Stream)> Customers => _states
        .Where(s => s.Value is CustomerStream)
        .Select(s => (Guid.Parse(s.Key["customer-".Length..]), (CustomerStream)s.Value));

    public static PlayedYear Of(DateOnly end, int seed = 2026) => s_played.GetOrAdd((end, seed), _ =>
        new(DemonstrationYear.Lines(end, ImportId, seed), new(end, TimeOnly.MinValue, TimeSpan.Zero)));

    private void Play(string line)
    {
        var json = JsonElement.Parse(line);
        string type = json.GetProperty("type").GetString()!;
        var (kind, id) = Subject(json.GetProperty("subject").GetString()!);
        var errors = new List<FieldError>();
        var draft = CommandDraft.Read(LedgerCommands.ForEvent(type)!, json.GetProperty("data"),
            new Dictionary<string, string>(), s_keys, "/data", errors);
        if (draft is null)
        {
            Rejected.Add($"{line}: {string.Join(' ', errors)}");
            return;
        }
        string stream = kind.StreamId(id);
        object state = _states.GetValueOrDefault(stream, kind.Initial);
        var at = new Moment(json.GetProperty("time").GetDateTimeOffset(), End, Imported: true);
        // No member's current team is known here, so a line that leaves its team out fails.
        var decision = kind.Decide(state, id, draft.Complete(new Dictionary<Guid, string>(), text => new(text)), at);
        if (decision.Rejection is { } rejection)
            Rejected.Add($"{line}: {rejection.Detail}");
        foreach (var data in decision.Events)
        {
            var entry = new Envelope(
                ClientEventId.Of(DemonstrationYear.Source, json.GetProperty("id").GetString()!), type, stream, 0,
                Log.Count, at, new EventHeaders("system", at.OccurredAt, ImportId: ImportId), data);
            Log.Add(entry);
            _states[stream] = state = kind.Evolve(state, entry);
        }
    }

    private static (StreamKind Kind, Guid Id) Subject(string subject) => subject.Split('/') switch
    {
        ["customer", var reference] => (StreamKind.Customer, s_keys.CustomerId(reference)),
        ["member", var reference] => (StreamKind.Member, s_keys.MemberId(reference)),
        _ => throw new ArgumentException($"No stream is named {subject}.", nameof(subject)),
    };
}
