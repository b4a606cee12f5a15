using System.Text.Json;
using CrmLedger.PostgresTests.Http;

namespace CrmLedger.PostgresTests.Touchpoints;

/// <summary>
/// Touchpoints and silences counted plainly from <c>GET /v1/events</c>, without any code of ours: what was known by one
/// time and had happened by another, judged at a time.
/// </summary>
internal sealed class ContactRecount
{
    private readonly DateTimeOffset _time;
    private readonly ILookup<string, JsonElement> _streams;

    /// <param name="log">The whole log.</param>
    /// <param name="asOf">The time of knowledge, or null for all.</param>
    /// <param name="until">The time by which it had happened, or null for all.</param>
    /// <param name="time">The time at which it is judged.</param>
    public ContactRecount(
        IReadOnlyList<JsonElement> log, DateTimeOffset? asOf, DateTimeOffset? until, DateTimeOffset time)
    {
        _time = time;
        var known = log.Where(e => asOf is null || e.Time("recordedAt") <= asOf).ToList();
        var annulled = known.Where(e => e.Text("type") == "entry_annulled").Select(e => e.Text("data.eventId"))
            .ToHashSet();
        _streams = known.Where(e => !annulled.Contains(e.Text("id")))
            .Where(e => until is null || e.Time("occurredAt") <= until)
            .Where(e => e.Text("stream")!.StartsWith("customer-", StringComparison.Ordinal))
            .ToLookup(e => e.Text("stream")!["customer-".Length..]);
    }

    /// <summary>A touchpoint that counts by then.</summary>
    public sealed record Touchpoint(
        string Customer, DateTimeOffset At, long Position, string Channel, string Direction, string Member,
        string Team, string? Tone, string[] Practices, long? Seconds, int[] Csat);

    /// <summary>A customer who could be contacted.</summary>
    public sealed record Customer(string Id, string? Segment, DateTimeOffset Since, Touchpoint? Last, int Count)
    {
        public override string ToString() =>
            $"{Id} since {Since:O} last {Last?.At:O} {Last?.Channel} {Last?.Direction} {Last?.Member} {Last?.Team} "
            + $"{Last?.Position} of {Count}";
    }

    public IReadOnlyList<Touchpoint> Touchpoints => [.. _streams.SelectMany(stream =>
    {
        var scores = stream.Where(e => e.Text("type") == "feedback_received" && e.Text("data.kind") == "csat")
            .ToLookup(e => e.Text("data.touchpointId"), e => (int)e.Number("data.score")!.Value);
        return stream.Where(e => e.Text("type") == "touchpoint_recorded").Select(e => new Touchpoint(stream.Key,
            Effective(e), e.Number("position")!.Value, e.Text("data.channel")!, e.Text("data.direction")!,
            e.Text("data.memberId")!, e.Text("data.team")!, e.Text("data.tone"),
            [.. e.Items("data.practices").Select(p => p.GetString()!)], e.Number("data.durationSeconds"),
            [.. scores[e.Text("data.touchpointId")]]));
    }).Where(t => t.At <= _time)];

    /// <summary>Everybody who could be contacted, the longest silent first.</summary>
    public IReadOnlyList<Customer> Customers(string? direction)
    {
        // customer_unmerged names no customer.
        var merged = _streams.ToDictionary(
            s => s.Key, s => Last(s, "customer_merged_into", "customer_unmerged")?.Text("data.customerId"));
        var touchpoints = Touchpoints.ToLookup(t => Final(t.Customer));
        var registrations = _streams.SelectMany(s => s).Where(e => e.Text("type") == "customer_registered")
            .Where(e => Effective(e) <= _time)
            .ToLookup(e => Final(e.Text("stream")!["customer-".Length..]), Effective);
        return [.. _streams.Select(s => Final(s.Key)).Distinct()
            .Where(id => touchpoints[id].Any() || registrations[id].Any())
            .Where(id => Last(_streams[id], "relationship_ended", "relationship_renewed")?.Text("type")
                != "relationship_ended")
            .Select(id =>
            {
                var broke = touchpoints[id].Where(t => direction is null || t.Direction == direction)
                    .OrderBy(t => t.At).ThenBy(t => t.Position).ToList();
                var beginning = touchpoints[id].Select(t => t.At).Concat(registrations[id]).Min();
                return new Customer(id, SegmentOf(id), broke.Count == 0 ? beginning : broke[^1].At,
                    broke.LastOrDefault(), broke.Count);
            }).OrderBy(c => c.Since).ThenBy(c => Guid.Parse(c.Id))];

        string Final(string id) => merged.GetValueOrDefault(id) is { } other ? Final(other) : id;
    }

    private string? SegmentOf(string id) => _streams[id]
        .Where(e => e.Text("type") is "customer_registered" or "customer_details_corrected")
        .Select(e => e.Text("data.segment")).LastOrDefault(s => s is not null);

    private static JsonElement? Last(IEnumerable<JsonElement> stream, params string[] types)
    {
        var found = stream.Where(e => types.Contains(e.Text("type"))).ToList();
        return found.Count == 0 ? null : found[^1];
    }

    /// <summary>When it counts: what was recorded more than a day late counts from then, imports apart.</summary>
    private static DateTimeOffset Effective(JsonElement e)
    {
        DateTimeOffset occurred = e.Time("occurredAt")!.Value, recorded = e.Time("recordedAt")!.Value;
        return e.Text("importId") is null && recorded - occurred > TimeSpan.FromDays(1) ? recorded : occurred;
    }
}
