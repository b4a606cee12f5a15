using System.Text.Json;
using System.Text.Json.Serialization;
using CrmLedger.EventStore.Schema;
using JasperFx;
using JasperFx.Events;
using JasperFx.MultiTenancy;
using Marten;
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
        options.Storage.Add(new LedgerTables());
        return options;
    }
}
