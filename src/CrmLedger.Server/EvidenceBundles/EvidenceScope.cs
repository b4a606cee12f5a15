using System.Globalization;
using System.Text.Json;
using CrmLedger.Annulments;
using CrmLedger.Policies;
using CrmLedger.Transparency;

namespace CrmLedger.Server.EvidenceBundles;

/// <summary>
/// What a bundle of evidence says it is about, and what follows from that for the entries that it shows.
/// </summary>
public abstract record EvidenceScope
{
    private EvidenceScope()
    {
    }

    /// <summary>The whole log: every entry is shown.</summary>
    public sealed record WholeLog : EvidenceScope;

    /// <summary>Every entry of some positions, and no other.</summary>
    /// <param name="First">The first one, from 0.</param>
    /// <param name="End">The one after the last.</param>
    public sealed record Positions(long First, long End) : EvidenceScope;

    /// <summary>Streams from their beginnings, and nothing else.</summary>
    /// <param name="Names">Their names.</param>
    public sealed record Streams(IReadOnlyList<string> Names) : EvidenceScope;

    /// <summary>What was recorded of one promise, annulments included.</summary>
    /// <param name="Stream">The customer's stream.</param>
    /// <param name="PromiseId">The promise.</param>
    public sealed record Promise(string Stream, string PromiseId) : EvidenceScope;

    /// <summary>The words after <c>about</c>.</summary>
    public string Text => this switch
    {
        WholeLog => "log",
        Positions p => string.Create(CultureInfo.InvariantCulture, $"positions {p.First} {p.End}"),
        Streams s => $"streams {string.Join(' ', s.Names)}",
        Promise p => $"promise {p.Stream} {Uri.EscapeDataString(p.PromiseId)}",
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    /// <summary>Reads the words.</summary>
    /// <exception cref="FormatException">They are not written as <see cref="Text" /> writes.</exception>
    public static EvidenceScope Parse(IReadOnlyList<string> words)
    {
        EvidenceScope? scope = words switch
        {
            ["log"] => new WholeLog(),
            ["positions", var first, var end] when Number(first) is { } from && Number(end) is { } to =>
                new Positions(from, to),
            ["streams", _, ..] => new Streams([.. words.Skip(1)]),
            ["promise", var stream, var id] => new Promise(stream, Uri.UnescapeDataString(id)),
            _ => null,
        };
        return scope?.Text == string.Join(' ', words)
            ? scope
            : throw new FormatException($"The bundle says that it is about '{string.Join(' ', words)}', which is "
                + "nothing that is known.");
    }

    private static long? Number(string digits) =>
        long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : null;
}

/// <summary>Whether what a bundle shows is what it says it is about.</summary>
internal sealed class ScopeCheck(EvidenceScope scope, ShownEntries shown)
{
    private readonly Dictionary<string, long> _versions = new(StringComparer.Ordinal);
    private long _shown;

    /// <summary>The streams that were shown, with the last version of each.</summary>
    public IReadOnlyDictionary<string, long> Versions => _versions;

    /// <summary>Takes the next entry.</summary>
    /// <returns>Why it does not belong there; null when it does.</returns>
    public string? Take(LogEntry entry)
    {
        _shown++;
        long before = _versions.GetValueOrDefault(entry.Stream);
        _versions[entry.Stream] = entry.Version;
        return scope switch
        {
            EvidenceScope.Positions p when entry.Position < p.First || entry.Position >= p.End =>
                $"The event at {entry.Position} is not of the positions that the bundle is about.",
            EvidenceScope.Streams s when !s.Names.Contains(entry.Stream) =>
                $"The event at {entry.Position} is of the stream {entry.Stream}, which the bundle is not about.",
            EvidenceScope.Streams or EvidenceScope.WholeLog when entry.Version != before + 1 =>
                $"Between the versions {before} and {entry.Version} of {entry.Stream} events are missing.",
            EvidenceScope.Promise p when entry.Stream != p.Stream || !IsOf(p.PromiseId, entry) =>
                $"The event at {entry.Position} is not of the promise that the bundle is about.",
            _ => null,
        };
    }

    /// <summary>What is missing at the end; null for nothing.</summary>
    /// <param name="size">How many entries the log has.</param>
    public string? Finish(long size) => scope switch
    {
        EvidenceScope.WholeLog when _shown != size => $"It shows {_shown} of {size} events and says that it shows all.",
        EvidenceScope.Positions p when _shown != Math.Max(0, p.End - p.First) =>
            $"It shows {_shown} events, and {p.End - p.First} stand at the positions that it is about.",
        EvidenceScope.Streams s when s.Names.FirstOrDefault(n => !_versions.ContainsKey(n)) is { } missing
            && missing != PolicyStream.StreamId => $"It shows nothing of {missing}.",
        EvidenceScope.Promise when _shown == 0 => "It shows nothing of the promise.",
        _ => null,
    };

    /// <summary>Whether an event is about a promise, by itself or by annulling one that was shown.</summary>
    private bool IsOf(string promiseId, LogEntry entry)
    {
        using var data = JsonDocument.Parse(entry.Data);
        return data.RootElement.TryGetProperty("promiseId", out var id) && id.ValueEquals(promiseId)
            || entry.Type == LedgerEvents.NameOf(typeof(EntryAnnulled))
                && data.RootElement.TryGetProperty("eventId", out var annulled)
                && annulled.TryGetGuid(out var eventId) && shown.Holds(eventId);
    }
}
