using CrmLedger.Annulments;
using CrmLedger.Customers;
using CrmLedger.Imports;
using CrmLedger.Members;
using CrmLedger.Policies;

namespace CrmLedger.Server.Commands;

/// <summary>One sort of stream: how its events fold into a state and how commands on it are decided.</summary>
public abstract class StreamKind
{
    /// <summary>Streams of customers.</summary>
    public static StreamKind Customer { get; } =
        new Typed<CustomerStream, ICustomerStreamCommand>("customer", CustomerStream.Initial, CustomerStream.Fold,
            (s, e) => s.Evolve(e), (s, id, c, at) => s.Decide(id, c, at),
            s => s.Customer.Registered && !s.Customer.Erased);

    /// <summary>Streams of members.</summary>
    public static StreamKind Member { get; } =
        new Typed<Member, IMemberStreamCommand>(
            "member", CrmLedger.Members.Member.Initial, CrmLedger.Members.Member.Fold,
            (s, e) => s.Evolve(e), (s, id, c, _) => s.Decide(id, c), s => s.Team is not null);

    /// <summary>Streams of imports.</summary>
    public static StreamKind Import { get; } =
        new Typed<Import, IImportStreamCommand>(
            "import", CrmLedger.Imports.Import.Initial, CrmLedger.Imports.Import.Fold,
            (s, e) => s.Evolve(e), (s, _, c, _) => s.Decide(c), _ => false);

    /// <summary>The tenant's one stream of policies.</summary>
    public static StreamKind Policy { get; } =
        new Typed<PolicyStream, IPolicyStreamCommand>(
            PolicyStream.StreamId, PolicyStream.Initial, PolicyStream.Fold,
            (s, e) => s.Evolve(e), (s, _, c, _) => s.Decide(c), _ => false);

    /// <summary>The first part of the stream's id.</summary>
    public abstract string Prefix { get; }

    /// <summary>The state before the first event.</summary>
    public abstract object Initial { get; }

    /// <summary>The stream's id.</summary>
    public string StreamId(Guid id) => this == Policy ? PolicyStream.StreamId : $"{Prefix}-{id:D}";

    /// <summary>Whether its personal text is sealed under a key of its own.</summary>
    public bool HasSubject => this == Customer || this == Member;

    /// <summary>Whether the subject has come into the ledger and was not erased.</summary>
    public abstract bool HasKey(object state);

    /// <summary>Folds a whole stream.</summary>
    public abstract object Fold(IReadOnlyList<Envelope> stream);

    /// <summary>The state after one more event.</summary>
    public abstract object Evolve(object state, Envelope entry);

    /// <summary>Decides a command.</summary>
    public abstract Decision Decide(object state, Guid id, ICommand command, Moment at);

    /// <summary>Whether a state must be folded from its stream again rather than go on after these events.</summary>
    public static bool NeedsRefold(IEnumerable<IEvent> events) => events.Any(e => e is EntryAnnulled);

    /// <summary>
    /// The sort of stream that a command type is for. <c>AnnulEntry</c> is for both customers and members.
    /// </summary>
    public static StreamKind Of(Type command) =>
        typeof(ICustomerStreamCommand).IsAssignableFrom(command) ? Customer
        : typeof(IMemberStreamCommand).IsAssignableFrom(command) ? Member
        : typeof(IPolicyStreamCommand).IsAssignableFrom(command) ? Policy
        : Import;

    private sealed class Typed<TState, TCommand>(
        string prefix, TState initial, Func<IReadOnlyList<Envelope>, TState> fold,
        Func<TState, Envelope, TState> evolve, Func<TState, Guid, TCommand, Moment, Decision> decide,
        Func<TState, bool> hasKey) : StreamKind
        where TState : class
    {
        public override string Prefix => prefix;

        public override object Initial => initial;

        public override bool HasKey(object state) => hasKey((TState)state);

        public override object Fold(IReadOnlyList<Envelope> stream) => fold(stream);

        public override object Evolve(object state, Envelope entry) => evolve((TState)state, entry);

        public override Decision Decide(object state, Guid id, ICommand command, Moment at) =>
            decide((TState)state, id, (TCommand)command, at);
    }
}
