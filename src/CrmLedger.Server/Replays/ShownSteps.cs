using System.Text.Json;
using System.Text.Json.Nodes;
using CrmLedger.Annulments;
using CrmLedger.EventStore.Reading;
using CrmLedger.EventStore.Views;
using CrmLedger.Replays;
using CrmLedger.Server.Events;
using CrmLedger.Server.Tenants;
using CrmLedger.Server.Views;
using CrmLedger.Trust;

namespace CrmLedger.Server.Replays;

/// <summary>Makes the steps of a page: folded from the customer's stream alone, and then shown in clear.</summary>
internal sealed class ShownSteps
{
    private static readonly JsonSerializerOptions s_json = new(LedgerJson.Options) { IgnoreReadOnlyProperties = true };

    private readonly CustomerReplay _replay;
    private readonly List<(View View, KeyedFold<object> Rows)> _views =
        [.. LedgerViews.All.Select(view => (view, new KeyedFold<object>(view.KeysOf, view.Project)))];
    private readonly List<Step> _steps = [];

    /// <param name="stream">What is known of the stream, in order.</param>
    /// <param name="first">The index of the first step that is shown.</param>
    /// <param name="count">How many are shown.</param>
    /// <param name="policies">Every policy that is known.</param>
    /// <param name="until">By when what is in the stream had happened, UTC; null for all.</param>
    public ShownSteps(
        IReadOnlyList<Envelope> stream, int first, int count, TrustPolicies policies, DateTimeOffset? until)
    {
        _replay = new(policies, until);
        foreach (var entry in stream.Take(first))
        {
            _replay.Skip(entry);
            foreach (var (_, rows) in _views)
                rows.Skip(entry);
        }
        foreach (var entry in stream.Skip(first).Take(count))
        {
            var step = _replay.Take(entry);
            _steps.Add(new(step, Json(step.Part?.Before), Json(step.Part?.After), [.. _views.SelectMany(v =>
                v.Rows.Apply(entry).Select(r => new Row(v.View, r.Key,
                    ChangeOf(r), RowChanges.Of(Bytes(v.View, r.Before), Bytes(v.View, r.After)))))
                .Where(r => r.Fields.Count > 0)]));
        }
    }

    /// <summary>The steps with their personal text in clear.</summary>
    /// <param name="stored">The same entries as they are stored, each beside its step.</param>
    /// <param name="annulments">What is known to be annulled.</param>
    /// <param name="firstNumber">The number of the first one.</param>
    /// <param name="ledger">The tenant's ledger.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task<IReadOnlyList<ShownStep>> ShowAsync(
        IReadOnlyList<StoredEvent> stored, IReadOnlyDictionary<Guid, KnownAnnulment> annulments, int firstNumber,
        TenantLedger ledger, CancellationToken cancel)
    {
        var events = ShownEvent.Marked(await ShownEvent.ShowAsync(stored, ledger, cancel), annulments);
        await OpenStatesAsync(ledger, cancel);
        await OpenRowsAsync(ledger, cancel);
        return [.. _steps.Select((s, i) => new ShownStep(
            firstNumber + i, events[i],
            s.Of.Annulled is { } annulled
                ? new(annulled.Id, annulled.Type, annulled.Version, annulled.Position) : null,
            s.Of.Part is { } part ? new(part.Key, s.Before, s.After) : null,
            [.. s.Rows.GroupBy(r => r.View.Name, StringComparer.Ordinal).Select(v => new ReplayedView(v.Key,
                [.. v.Select(r => new ReplayedRow(r.Key.Length == 0 ? null : r.Key, r.Change, r.Fields))]))],
            new(s.Of.JudgedAt, s.Of.TrustBefore.Score.Round(4), s.Of.TrustAfter.Score.Round(4))))];
    }

    private async Task OpenStatesAsync(TenantLedger ledger, CancellationToken cancel)
    {
        var texts = (
            from step in _steps
            from side in new[] { (Json: step.Before, Record: step.Of.Part?.Before),
                (Json: step.After, Record: step.Of.Part?.After) }
            where side.Json is not null
            from field in RowChanges.SealedFieldsOf(side.Record!.GetType())
            let subject = RowChanges.SubjectOf(side.Json[field])
            where subject is not null
            select (side.Json, Field: field, Subject: subject.Value)).ToList();
        var keys = await ledger.Subjects.FindAsync([.. texts.Select(t => t.Subject).Distinct()], cancel);
        foreach (var (json, field, subject) in texts)
        {
            json[field] = ShownEvent.Open(
                new(json[field]!.GetValue<string>()), keys.GetValueOrDefault(subject));
        }
    }

    private async Task OpenRowsAsync(TenantLedger ledger, CancellationToken cancel)
    {
        foreach (var ofView in _steps.SelectMany(s => s.Rows).GroupBy(r => r.View))
        {
            var rows = ofView.ToList();
            var opened = await RowChanges.OpenAsync(rows.ConvertAll(r => r.Fields),
                RowChanges.SealedFieldsOf(ofView.Key.RowType), ledger, cancel);
            for (int i = 0; i < rows.Count; i++)
                rows[i].Fields = [.. opened[i]];
        }
    }

    private static RowChange ChangeOf(Replaced<object> row) => row.Before is null ? RowChange.Appeared
        : row.After is null ? RowChange.Disappeared : RowChange.Changed;

    private static JsonObject? Json(object? part) => part is null
        ? null
        : JsonSerializer.SerializeToNode(part, part.GetType(), s_json)!.AsObject();

    private static byte[]? Bytes(View view, object? row) => row is null ? null : view.Write(row);

    private sealed record Step(ReplayStep Of, JsonObject? Before, JsonObject? After, IReadOnlyList<Row> Rows);

    private sealed record Row(View View, string Key, RowChange Change, List<FieldChange> Fields)
    {
        public List<FieldChange> Fields { get; set; } = Fields;
    }
}
