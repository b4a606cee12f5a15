using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;
using CrmLedger.Concerns;
using CrmLedger.Feedback;
using CrmLedger.FollowUps;
using CrmLedger.Promises;

namespace CrmLedger.Annulments;

/// <summary>Annul an earlier entry of the same stream.</summary>
/// <param name="EventId">The entry's id.</param>
/// <param name="Reason">Why; no personal data.</param>
public sealed record AnnulEntry(Guid EventId, [property: MaxLength(500)] string Reason)
    : ICustomerStreamCommand, IMemberStreamCommand;

/// <summary>What of a stream can still be annulled.</summary>
/// <param name="Standing">The entries that stand, by id, with their names.</param>
/// <param name="Annulled">The ids of those that were annulled.</param>
public sealed record Entries(ImmutableDictionary<Guid, IEvent> Standing, ImmutableHashSet<Guid> Annulled)
{
    /// <summary>No entries.</summary>
    public static Entries None { get; } = new(ImmutableDictionary<Guid, IEvent>.Empty, []);

    /// <summary>The entries with one more.</summary>
    public Entries With(Envelope entry) => entry.Data is EntryAnnulled annulment
        ? new(Standing.Remove(annulment.EventId), Annulled.Add(annulment.EventId))
        : this with { Standing = Standing.SetItem(entry.Id, entry.Data) };

    /// <summary>The entries of a whole stream, at once, which is quicker than one after the other.</summary>
    public static Entries Of(IEnumerable<Envelope> stream)
    {
        var standing = ImmutableDictionary.CreateBuilder<Guid, IEvent>();
        var annulled = ImmutableHashSet.CreateBuilder<Guid>();
        foreach (var entry in stream)
        {
            if (entry.Data is EntryAnnulled annulment)
            {
                standing.Remove(annulment.EventId);
                annulled.Add(annulment.EventId);
            }
            else
            {
                standing[entry.Id] = entry.Data;
            }
        }
        return new(standing.ToImmutable(), annulled.ToImmutable());
    }

    /// <summary>Decides whether an entry may be annulled: it stands, and the stream does not rest on it.</summary>
    public Decision Decide(AnnulEntry command)
    {
        if (Annulled.Contains(command.EventId))
        {
            return new Rejection(RejectionCode.EntryAnnulled,
                $"Entry {command.EventId} is annulled already.", "eventId");
        }
        if (!Standing.TryGetValue(command.EventId, out var entry))
        {
            return new Rejection(RejectionCode.EntryUnknown,
                $"This stream has no entry {command.EventId} that could be annulled.", "eventId");
        }
        if (entry is PromiseLapsed or FollowUpMissed or ConcernUnanswered or FeedbackUnanswered)
        {
            return new Rejection(RejectionCode.EntryNotAnnullable,
                $"A {LedgerEvents.NameOf(entry.GetType())} entry is the clock's verdict, which nobody takes back. "
                + "Record what was done in time, or annul what the verdict is about.", "eventId");
        }
        return entry is Customers.CustomerRegistered or Members.MemberJoined
            ? new Rejection(RejectionCode.EntryNotAnnullable,
                $"A {LedgerEvents.NameOf(entry.GetType())} entry cannot be annulled: the stream rests on it.",
                "eventId")
            : Decision.Accept(new EntryAnnulled(command.EventId, command.Reason));
    }

    /// <summary>The events of one stream, in order, without those that a later one of them annulled.</summary>
    public static IEnumerable<Envelope> LeaveOutAnnulled(IReadOnlyList<Envelope> stream)
    {
        var annulled = stream.Select(e => e.Data).OfType<EntryAnnulled>().Select(e => e.EventId).ToHashSet();
        return annulled.Count == 0 ? stream : stream.Where(e => !annulled.Contains(e.Id));
    }
}
