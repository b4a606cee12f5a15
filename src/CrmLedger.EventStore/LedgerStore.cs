using System.Text.Json;
using System.Text.Json.Serialization;
using CrmLedger.EventStore.Projections;
using CrmLedger.EventStore.Reading;
using CrmLedger.EventStore.Schema;
using JasperFx;
using JasperFx.Events;
using JasperFx.Events.Daemon;
using JasperFx.Events.Projections;
using JasperFx.MultiTenancy;
using Marten;
using Marten.Services.Json.Transformations;
using Weasel.Core;

namespace CrmLedger.EventStore;

/// <summary>How Marten keeps the events: the one configuration of its store, for whoever opens one.</summary>
public static class LedgerStore
{
    /// <summary>
    /// What a host of Marten's says so that it reads the ledger: with this, and a connection, its own
    /// <see cref="DocumentStore" /> fetches, queries, aggregates and projects the streams.
    /// </summary>
    /// <remarks>
    /// A tenant is a partition with a sequence of its own, so that <c>seq_id</c> is the position in the log plus one:
    /// dense, in order, never burnt. Nothing is appended through Marten's own function, which burns numbers and leaves
    /// tombstones when it fails; the database refuses that.
    /// </remarks>
    public static StoreOptions ReadsLedger(this StoreOptions options)
    {
        options.DatabaseSchemaName = LedgerTables.Schema;
        options.Events.DatabaseSchemaName = LedgerTables.Schema;
        options.AutoCreateSchemaObjects = AutoCreate.None;
        options.Advanced.DefaultTenantUsageEnabled = false;
        options.Events.StreamIdentity = StreamIdentity.AsString;
        options.Events.TenancyStyle = TenancyStyle.Conjoined;
        options.Events.UseTenantPartitionedEvents = true;
        options.Events.AppendMode = EventAppendMode.QuickWithServerTimestamps;
        options.Events.MetadataConfig.HeadersEnabled = true;
        options.Events.MetadataConfig.CausationIdEnabled = true;
        options.Events.MetadataConfig.CorrelationIdEnabled = true;
        // Beside Marten's own: an event's id is looked up, and who was merged into a customer.
        options.Events.IgnoreIndex("uq_mt_events_id");
        options.Events.IgnoreIndex("ix_mt_events_merged_into");
        options.UseSystemTextJsonForSerialization(LedgerJson.Options, EnumStorage.AsString, Casing.CamelCase, json =>
            json.Converters.Insert(0, new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, false)));
        foreach (var record in LedgerEvents.Records)
            options.Events.MapEventType(record, LedgerEvents.NameOf(record));
        foreach (string name in EventUpcasters.Names)
            options.Events.Upcast(EventUpcasters.LiftedTo(name), name, Lifting(name));
        options.Projections.Add(new CustomerProjection(), ProjectionLifecycle.Live);
        options.Storage.Add(new LedgerTables());
        return options;
    }

    /// <summary>The event's place in its tenant's log, from 0.</summary>
    internal static long PositionOf(JasperFx.Events.IEvent read) => read.Sequence - 1;

    /// <summary>What deciders and folds look at, of an event that Marten has read.</summary>
    /// <exception cref="UnknownEventException">Its headers are missing.</exception>
    internal static Envelope ToEnvelope(JasperFx.Events.IEvent read)
    {
        var headers = JsonSerializer.SerializeToElement(read.Headers, LedgerJson.Options)
            .Deserialize<EventHeaders>(LedgerJson.Options)
            ?? throw new UnknownEventException($"The headers of event {read.Id} are null.");
        return new(read.Id, read.EventTypeName, read.StreamKey!, read.Version, PositionOf(read),
            new(headers.OccurredAt, read.Timestamp, headers.ImportId is not null), headers, (IEvent)read.Data);
    }

    /// <summary>
    /// How the daemon treats what the projection cannot: events that Marten cannot read are left out, so that they do
    /// not stop their tenant, and the projection finds their positions missing; a page that fails is tried again whole.
    /// </summary>
    internal static void Projects(this StoreOptions options, LedgerProjection projection)
    {
        options.Projections.Add(projection, ProjectionLifecycle.Async, LedgerProjection.Name, page =>
        {
            page.BatchSize = ProjectionStep.BatchEvents;
            // One page is under way at a time, and the next takes all that has come since: many small ones would each
            // cost a transaction.
            page.MaximumHopperSize = 1;
        });
        options.Projections.AsyncMode = DaemonMode.ExternallyManaged;
        options.Projections.Errors.SkipSerializationErrors = true;
        options.Projections.Errors.SkipUnknownEvents = true;
        options.Projections.Errors.SkipApplyErrors = false;
        // The daemon is told when a log has grown; that it also looks is for notices that were lost.
        options.Projections.SlowPollingTime = TimeSpan.FromSeconds(2);
        options.Projections.StopAndDrainTimeout = TimeSpan.FromSeconds(5);
    }

    /// <summary>An older shape, lifted as it is read.</summary>
    private static JsonTransformation Lifting(string name) => new(
        (_, row, column) => LedgerEvents.Read(name, row.GetFieldValue<byte[]>(column)),
        async (_, row, column, cancel) =>
            LedgerEvents.Read(name, await row.GetFieldValueAsync<byte[]>(column, cancel)));
}
