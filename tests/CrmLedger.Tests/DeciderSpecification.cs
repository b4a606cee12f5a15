using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using CrmLedger.Annulments;
using CrmLedger.Customers;
using CrmLedger.Imports;
using CrmLedger.Members;
using CrmLedger.Policies;
using static CrmLedger.Tests.Known;

namespace CrmLedger.Tests;

/// <summary>
/// Given what happened, when something is asked, then this is recorded or refused. What happened is folded as the
/// server folds it. Times that a test does not give are noon.
/// </summary>
internal sealed record DeciderSpecification(
    Func<IReadOnlyList<Envelope>, ICommand, Moment, Decision> Decide, Func<IReadOnlyList<Envelope>, object> Fold,
    ImmutableList<Envelope> Past)
{
    /// <summary>A customer that nobody has registered.</summary>
    public static DeciderSpecification AStranger { get; } = new(
        (past, command, at) => CustomerStream.Fold(past).Decide(CustomerId, (ICustomerStreamCommand)command, at),
        past => CustomerStream.Fold(past) with { Entries = Entries.None }, []);

    /// <summary>A registered customer; the registration is event 1.</summary>
    public static DeciderSpecification ACustomer { get; } = AStranger.Given(Registered);

    public static DeciderSpecification AMember { get; } = new(
        (past, command, _) => Member.Fold(past).Decide(Ana, (IMemberStreamCommand)command),
        past => Member.Fold(past) with { Entries = Entries.None }, []);

    public static DeciderSpecification AnImport { get; } = new(
        (past, command, _) => Import.Fold(past).Decide((IImportStreamCommand)command), Import.Fold, []);

    public static DeciderSpecification ThePolicies { get; } = new(
        (past, command, _) => PolicyStream.Fold(past).Decide((IPolicyStreamCommand)command), PolicyStream.Fold, []);

    public DeciderSpecification Given(params IReadOnlyList<IEvent> events) =>
        events.Aggregate(this, (so, e) => so.Given(e, At(Noon)));

    public DeciderSpecification Given(IEvent happened, DateTimeOffset time) => Given(happened, At(time));

    public DeciderSpecification Given(IEvent happened, Moment at) =>
        this with { Past = Past.Add(Entry(happened, at, Past.Count + 1)) };

    public Outcome When(ICommand command) => When(command, At(Noon));

    public Outcome When(ICommand command, DateTimeOffset time) => When(command, At(time));

    public Outcome When(ICommand command, Moment at) => new(Decide(Past, command, at));

    /// <summary>What the past folds to, as JSON, without the list of entries, which grows with every event.</summary>
    public string Folded => JsonSerializer.Serialize(Fold(Past));

    /// <summary>The customer's stream as it stands.</summary>
    public CustomerStream State => CustomerStream.Fold(Past);
}

/// <summary>What a decider answered.</summary>
internal sealed record Outcome(Decision Decision)
{
    /// <summary>Accepted, with exactly these events; compared as they would be stored.</summary>
    public void Then(params IReadOnlyList<IEvent> events)
    {
        Decision.Rejection.ShouldBeNull();
        Decision.Events.Select(Stored).ShouldBe(events.Select(Stored));
    }

    public void ThenRejected(RejectionCode code, string? field = null)
    {
        Decision.Rejection.ShouldNotBeNull();
        Decision.Rejection.Code.ShouldBe(code, Decision.Rejection.Detail);
        Decision.Rejection.Field.ShouldBe(field);
        Decision.Events.ShouldBeEmpty();
    }

    private static string Stored(IEvent happened) =>
        LedgerEvents.NameOf(happened.GetType()) + " " + Encoding.UTF8.GetString(LedgerEvents.Write(happened));
}
