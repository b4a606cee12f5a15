using System.Text.Json;
using CrmLedger.Annulments;
using CrmLedger.Customers;
using CrmLedger.EventStore.Projections;
using CrmLedger.EventStore.Views;
using CrmLedger.Replays;
using CrmLedger.Tests.Customers;
using CrmLedger.Trust;
using static CrmLedger.Tests.Known;

namespace CrmLedger.Tests.Replays;

/// <summary>What holds for the replay of every history, wherever it begins.</summary>
public class ReplayProperties
{
    private const int Histories = 300;

    private static readonly TrustPolicies s_policies = TrustPolicies.Default.With(20, TrustPolicy.Of(PolicyAdopted));

    [Fact]
    public void The_state_of_every_step_is_what_folding_the_whole_stream_to_there_gives() => ForAll((stream, random) =>
    {
        int first = random.Next(stream.Count);
        var replay = new CustomerReplay(s_policies);
        stream[..first].ForEach(replay.Skip);
        for (int i = first; i < stream.Count; i++)
        {
            var step = replay.Take(stream[i]);
            if (stream[i].Data is EntryAnnulled annulment)
                step.Annulled!.Id.ShouldBe(annulment.EventId);
            var about = (step.Annulled ?? step.Entry).Data;
            Text(step.Part!.Before).ShouldBe(Text(CustomerPart.In(CustomerStream.Fold(stream[..i]), about)));
            Text(step.Part.After).ShouldBe(Text(CustomerPart.In(CustomerStream.Fold(stream[..(i + 1)]), about)));
        }
    });

    [Fact]
    public void The_state_after_a_step_is_the_state_before_the_next_one_of_the_same_thing() => ForAll((stream, _) =>
    {
        var replay = new CustomerReplay(s_policies);
        var last = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var entry in stream)
        {
            var part = replay.Take(entry).Part!;
            part.Before.ShouldBe(last.GetValueOrDefault(part.Key));
            last[part.Key] = part.After;
        }
    });

    [Fact]
    public void The_scores_of_every_step_are_those_of_the_stream_without_it_and_with_it() => ForAll((stream, random) =>
    {
        int first = random.Next(stream.Count);
        var replay = new CustomerReplay(s_policies);
        stream[..first].ForEach(replay.Skip);
        for (int i = first; i < stream.Count; i++)
        {
            var step = replay.Take(stream[i]);
            var known = i < 20 ? TrustPolicies.Default : s_policies;
            step.TrustBefore.ShouldBe(TrustIn(stream[..i]));
            step.TrustAfter.ShouldBe(TrustIn(stream[..(i + 1)]));
            TrustScore TrustIn(List<Envelope> events) =>
                CustomerTrust.Fold(events, WhatCounts.Everything).At(known, stream[i].Moment.RecordedAt).Score;
        }
    });

    [Fact]
    public void The_rows_that_each_step_makes_are_those_of_every_view() => ForAll((stream, _) =>
    {
        foreach (var view in LedgerViews.All)
        {
            // A view reads from its stream's name whose it is.
            var renamed = stream.ConvertAll(e => e with { Stream = $"customer-{CustomerId:D}" });
            var live = new ViewFold(view, (_, upTo) => renamed.FindAll(e => e.Position <= upTo));
            var rows = new KeyedFold<object>(view.KeysOf, view.Project);
            var applied = new SortedDictionary<string, object>(StringComparer.Ordinal);
            foreach (var entry in renamed)
            {
                live.Apply(entry);
                foreach (var row in rows.Apply(entry))
                {
                    Same(view, row.Before, applied.GetValueOrDefault(row.Key)).ShouldBeTrue();
                    if (row.After is null)
                        applied.Remove(row.Key);
                    else
                        applied[row.Key] = row.After;
                }
                applied.Select(r => (r.Key, Text(view, r.Value))).ShouldBe(
                    live.Standing().OrderBy(r => r.Key, StringComparer.Ordinal)
                        .Select(r => (r.Key, Text(view, r.Row))), view.Name);
            }
        }
    });

    private static string Text(object? part) => JsonSerializer.Serialize(part, LedgerJson.Options);

    private static bool Same(View view, object? one, object? other) =>
        one is null ? other is null : other is not null && Text(view, one) == Text(view, other);

    private static string Text(View view, object row) => Convert.ToBase64String(view.Write(row));

    private static void ForAll(Action<List<Envelope>, Random> check) => RandomHistories.ForAll(Histories, check);
}
