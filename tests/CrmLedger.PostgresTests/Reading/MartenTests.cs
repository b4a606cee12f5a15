using System.Text.Json;
using System.Text.Json.Serialization;
using CrmLedger.PostgresTests.Appending;
using CrmLedger.PostgresTests.Projections;
using CrmLedger.Promises;
using JasperFx;
using JasperFx.Events;
using JasperFx.MultiTenancy;
using Marten;
using Weasel.Core;

namespace CrmLedger.PostgresTests.Reading;

/// <summary>A Marten store beside ours, on the same tables: the format is Marten's, and Marten says so.</summary>
public sealed class MartenTests(TestStore store) : IClassFixture<TestStore>
{
    [Fact]
    public async Task A_Marten_store_reads_and_aggregates_every_stream_as_we_do()
    {
        string tenant = await store.NewTenantAsync();
        var history = new RandomHistory(store.NewLog(tenant), null, customers: 6, seed: 20_261_125);
        await history.AddMemberAsync();
        for (int round = 0; round < 30; round++)
            await history.RoundAsync();
        var log = await new StoredViews(store, tenant).LogAsync();
        await using var marten = DocumentStore.For(options => AsOurs(options, store.Connections.Loader));
        await using var session = marten.QuerySession(tenant);

        foreach (var ours in log.GroupBy(e => e.Stream))
        {
            var theirs = await session.Events.FetchStreamAsync(ours.Key);
            theirs.Select(e => (e.Id, e.Version, e.EventTypeName, e.Timestamp))
                .ShouldBe(ours.Select(e => (e.Id, e.Version, e.Type, e.Moment.RecordedAt)));
            theirs.Select(e => Json(e.Data)).ShouldBe(ours.Select(e => Json(e.Data)));
            (await session.Events.FetchStreamStateAsync(ours.Key))!.Version.ShouldBe(ours.Count());
            var aggregate = await session.Events.AggregateStreamAsync<PromisesMade>(ours.Key);
            (aggregate?.Count ?? 0).ShouldBe(ours.Count(e => e.Data is PromiseMade));
        }
    }

    /// <summary>What a host of Marten's says so that it can read ours.</summary>
    private static void AsOurs(StoreOptions options, string connectionString)
    {
        options.Connection(connectionString);
        options.DatabaseSchemaName = "ledger";
        options.AutoCreateSchemaObjects = AutoCreate.None;
        options.Events.StreamIdentity = StreamIdentity.AsString;
        options.Events.TenancyStyle = TenancyStyle.Conjoined;
        options.Events.MetadataConfig.HeadersEnabled = true;
        options.Events.MetadataConfig.CausationIdEnabled = true;
        options.Events.MetadataConfig.CorrelationIdEnabled = true;
        options.UseSystemTextJsonForSerialization(LedgerJson.Options, EnumStorage.AsString, Casing.CamelCase, json =>
            json.Converters.Insert(0, new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, false)));
        foreach (var record in LedgerEvents.Records)
            options.Events.MapEventType(record, LedgerEvents.NameOf(record));
    }

    private static string Json(object data) => JsonSerializer.Serialize(data, data.GetType(), LedgerJson.Options);
}

/// <summary>An aggregate as Marten's users write them.</summary>
public sealed class PromisesMade
{
    public string Id { get; set; } = "";

    public int Count { get; set; }

    public void Apply(PromiseMade _) => Count++;
}
