using System.Collections.Immutable;
using System.Diagnostics;
using CrmLedger.Annulments;
using CrmLedger.Concerns;
using CrmLedger.Feedback;
using CrmLedger.FollowUps;
using CrmLedger.Preferences;
using CrmLedger.Promises;
using CrmLedger.Purchases;
using CrmLedger.Touchpoints;

namespace CrmLedger.Customers;

/// <summary>Everything that a decision about one customer can depend on: the fold of its whole stream.</summary>
public sealed record CustomerStream
{
    /// <summary>The stream before its first event.</summary>
    public static CustomerStream Initial { get; } = new();

    /// <summary>The customer and the relationship itself.</summary>
    public Customer Customer { get; init; } = Customer.Unknown;

    /// <summary>What stands in the stream and can be annulled.</summary>
    public Entries Entries { get; init; } = Entries.None;

    /// <summary>The ids of the touchpoints.</summary>
    public ImmutableHashSet<string> Touchpoints { get; init; } = [];

    /// <summary>Promises by id.</summary>
    public ImmutableDictionary<string, Promise> Promises { get; init; } = ImmutableDictionary<string, Promise>.Empty;

    /// <summary>Follow-ups by id.</summary>
    public ImmutableDictionary<string, FollowUp> FollowUps { get; init; } = ImmutableDictionary<string, FollowUp>.Empty;

    /// <summary>Concerns by id.</summary>
    public ImmutableDictionary<string, Concern> Concerns { get; init; } = ImmutableDictionary<string, Concern>.Empty;

    /// <summary>Feedback by id.</summary>
    public ImmutableDictionary<string, CustomerFeedback> Feedback { get; init; } =
        ImmutableDictionary<string, CustomerFeedback>.Empty;

    /// <summary>The keys of the recorded preferences.</summary>
    public ImmutableHashSet<string> Preferences { get; init; } = [];

    /// <summary>Solutions by id.</summary>
    public ImmutableDictionary<string, Solution> Solutions { get; init; } = ImmutableDictionary<string, Solution>.Empty;

    /// <summary>Purchases by id.</summary>
    public ImmutableDictionary<string, Purchase> Purchases { get; init; } = ImmutableDictionary<string, Purchase>.Empty;

    /// <summary>Folds a stream's events, in order, from its first one; annulled ones are left out.</summary>
    public static CustomerStream Fold(IReadOnlyList<Envelope> stream)
    {
        var standing = Entries.LeaveOutAnnulled(stream);
        return standing.Aggregate(Initial, (state, e) => state.Then(e)) with { Entries = Entries.Of(standing) };
    }

    /// <summary>
    /// The state after one more event. An annulment is only noted here: to take the annulled entry's effect out, fold
    /// the stream again.
    /// </summary>
    public CustomerStream Evolve(Envelope entry) => Then(entry) with { Entries = Entries.With(entry) };

    private CustomerStream Then(Envelope entry)
    {
        var at = entry.Moment;
        return entry.Data switch
        {
            EntryAnnulled => this,
            ICustomerEvent e => this with { Customer = Customer.Evolve(e) },
            TouchpointRecorded e => this with { Touchpoints = Touchpoints.Add(e.TouchpointId) },
            IPromiseEvent e => this with { Promises = With(Promises, e.PromiseId, p => Promise.Evolve(p, e, at)) },
            IFollowUpEvent e => this with { FollowUps = With(FollowUps, e.FollowUpId, f => FollowUp.Evolve(f, e, at)) },
            IConcernEvent e => this with { Concerns = With(Concerns, e.ConcernId, c => Concern.Evolve(c, e, at)) },
            IFeedbackEvent e =>
                this with { Feedback = With(Feedback, e.FeedbackId, f => CustomerFeedback.Evolve(f, e, at)) },
            PreferenceRecorded e => this with { Preferences = Preferences.Add(e.Key) },
            ISolutionEvent e => this with { Solutions = With(Solutions, e.SolutionId, s => Solution.Evolve(s, e)) },
            IPurchaseEvent e => this with { Purchases = With(Purchases, e.PurchaseId, p => Purchase.Evolve(p, e, at)) },
            _ => throw new UnreachableException($"A customer's stream does not hold {entry.Data.GetType().Name}."),
        };
    }

    /// <summary>Decides a command on this customer.</summary>
    /// <param name="customerId">The customer's id.</param>
    /// <param name="command">What is asked.</param>
    /// <param name="at">When it is claimed to have happened, and now.</param>
    public Decision Decide(Guid customerId, ICustomerStreamCommand command, Moment at)
    {
        if ((CustomerDecider.Barred(Customer, command) ?? References.Unknown(this, command, at)) is { } barred)
            return barred;
        return command switch
        {
            ICustomerCommand c => CustomerDecider.Decide(Customer, customerId, c),
            RecordTouchpoint c => TouchpointDecider.Decide(Touchpoints, c),
            IPromiseCommand c => PromiseDecider.Decide(Promises.GetValueOrDefault(c.PromiseId), c, at),
            IFollowUpCommand c => FollowUpDecider.Decide(FollowUps.GetValueOrDefault(c.FollowUpId), c, at),
            IConcernCommand c => ConcernDecider.Decide(Concerns.GetValueOrDefault(c.ConcernId), c, at),
            IFeedbackCommand c => FeedbackDecider.Decide(Feedback.GetValueOrDefault(c.FeedbackId), c, at),
            RecordPreference c => PreferenceDecider.Decide(c),
            ISolutionCommand c =>
                PreferenceDecider.Decide(Solutions.GetValueOrDefault(c.SolutionId), Preferences, c, at),
            IPurchaseCommand c => PurchaseDecider.Decide(Purchases.GetValueOrDefault(c.PurchaseId), c),
            AnnulEntry c => Entries.Decide(c),
            _ => throw new UnreachableException($"No customer takes {command.GetType().Name}."),
        };
    }

    /// <summary>The things with one evolved; one that the event does not bring about stays away.</summary>
    private static ImmutableDictionary<string, T> With<T>(
        ImmutableDictionary<string, T> things, string id, Func<T?, T?> evolve) where T : class =>
        evolve(things.GetValueOrDefault(id)) is { } evolved ? things.SetItem(id, evolved) : things;
}
