using System.Text.Json.Nodes;
using CrmLedger.Server.Events;
using CrmLedger.Server.Views;

namespace CrmLedger.Server.Replays;

/// <summary>A customer's stream, entry by entry, with what each entry did when it was recorded.</summary>
/// <param name="CustomerId">The customer.</param>
/// <param name="StreamVersion">The stream's version as known then.</param>
/// <param name="AsOf">The time of knowledge asked about, UTC.</param>
/// <param name="Until">The time by which what is shown had happened, UTC; left out for all that was known.</param>
/// <param name="Position">The last position that the answer reflects.</param>
/// <param name="Provisional">Whether later events could still be recorded at or before that time.</param>
/// <param name="Customer">Who it is, as known then.</param>
/// <param name="Members">Who the members are that the steps name, by id.</param>
/// <param name="Total">How many steps there are at these bounds.</param>
/// <param name="Steps">In the stream's order.</param>
/// <param name="Notice">What the reader should know, such as why nothing is found.</param>
/// <param name="Next">Give it as <c>cursor</c> to read on; left out at the end.</param>
public sealed record ReplayPage(
    Guid CustomerId, long StreamVersion, DateTimeOffset AsOf, DateTimeOffset? Until, long Position, bool Provisional,
    Named Customer, IReadOnlyDictionary<string, Named> Members, int Total, IReadOnlyList<ShownStep> Steps,
    string? Notice, string? Next);

/// <summary>One event and what it did.</summary>
/// <param name="Number">
/// Its place among the steps, from 1; the event's version unless <c>until</c> leaves some out.
/// </param>
/// <param name="Event">The event.</param>
/// <param name="Annuls">The event that it annulled.</param>
/// <param name="State">
/// What decisions rest on, of the one thing that the event is about; of the annulled event's, folded again without it.
/// Left out where there is no such thing.
/// </param>
/// <param name="Views">The views that it changed, with their rows; each changed row once.</param>
/// <param name="Trust">The customer's trust in us.</param>
public sealed record ShownStep(
    int Number, ShownEvent Event, AnnulledEvent? Annuls, ReplayedState? State, IReadOnlyList<ReplayedView> Views,
    ReplayedTrust Trust);

/// <summary>An event that a later one annulled.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Type">Its stored name.</param>
/// <param name="Version">Its place in the stream.</param>
/// <param name="Position">Its place in the log.</param>
public sealed record AnnulledEvent(Guid Id, string Type, long Version, long Position);

/// <summary>One thing of a customer's stream before and after an event.</summary>
/// <param name="Part">Which thing, for example <c>promise/INC-1042</c>, or <c>customer</c> for who it is.</param>
/// <param name="Before">What it was; left out while there was none.</param>
/// <param name="After">What it became; left out when there is none any more.</param>
public sealed record ReplayedState(string Part, JsonObject? Before, JsonObject? After);

/// <summary>What an event did to one view.</summary>
/// <param name="View">The view.</param>
/// <param name="Rows">The rows that it changed.</param>
public sealed record ReplayedView(string View, IReadOnlyList<ReplayedRow> Rows);

/// <summary>What an event did to one row of a view.</summary>
/// <param name="Key">The row's key within the stream; left out where a stream has one row.</param>
/// <param name="Change">Whether it appeared, disappeared or changed.</param>
/// <param name="Fields">The fields that changed, from what to what.</param>
public sealed record ReplayedRow(string? Key, RowChange Change, IReadOnlyList<FieldChange> Fields);

/// <summary>What an event did to the customer's trust in us, by the policy known when it was recorded.</summary>
/// <param name="JudgedAt">The time that both scores are of, UTC: when it was recorded, but not after until.</param>
/// <param name="Before">The score of that time without the event, 0 to 100, to four digits.</param>
/// <param name="After">The score of that time with it.</param>
public sealed record ReplayedTrust(DateTimeOffset JudgedAt, decimal Before, decimal After);
