using System.Text.Json;
using CrmLedger.EventStore.Tenants;
using CrmLedger.PostgresTests.Http;

namespace CrmLedger.PostgresTests.Commitments;

/// <summary>The way from a leader's number to the proof of each event behind it, with a leader's key.</summary>
public sealed class BehindTheRateTests(AlbaLedger ledger) : KeptRateTest(ledger), IClassFixture<AlbaLedger>
{
    [Fact]
    public async Task From_every_counted_promise_addresses_lead_to_its_events_and_their_receipts()
    {
        using var leader = await Ledger.ClientAsync(Tenant, Scopes.Lead);
        var promises = (await ReadAsync(leader, $"/v1/kept-rate/promises?atLeast={LastPosition}")).Items("items");
        promises.Count.ShouldBe(Promises.Count);
        foreach (var promise in promises)
            await FollowAsync(leader, promise.Text("promiseId")!, promise.Text("promise")!);
    }

    [Fact]
    public async Task From_every_open_promise_ids_lead_there_too()
    {
        using var leader = await Ledger.ClientAsync(Tenant, Scopes.Lead);
        var open = (await ReadAsync(leader, $"/v1/commitments/open?atLeast={LastPosition}")).Items("items");
        open.ShouldNotBeEmpty();
        foreach (var promise in open)
        {
            promise.Text("commitment").ShouldBe("promise");
            string id = promise.Text("id")!;
            await FollowAsync(leader, id, $"/v1/customers/{promise.Text("customerId")}/promises/{id}");
        }
    }

    private async Task FollowAsync(LedgerHttp leader, string promiseId, string address)
    {
        var events = (await ReadAsync(leader, address)).Items("events");
        events.Count.ShouldBeGreaterThanOrEqualTo(1 + Promises.Single(p => p.Id == promiseId).Life.Length);
        foreach (JsonElement e in events)
        {
            var receipt = await ReadAsync(leader, $"/v1/events/{e.Text("id")}/receipt");
            (receipt.Text("eventId"), receipt.Text("leafHash"), receipt.Number("leafIndex"))
                .ShouldBe((e.Text("id"), e.Text("leafHash"), e.Number("position")));
        }
    }

    private static async Task<Answer> ReadAsync(LedgerHttp leader, string path)
    {
        var answer = await leader.GetAsync(path);
        answer.Status.ShouldBe(200, $"{path}: {answer.Text}");
        return answer;
    }
}
