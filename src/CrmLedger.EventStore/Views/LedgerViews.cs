using System.Text.Json;
using CrmLedger.Commitments;
using CrmLedger.Deadlines;
using CrmLedger.People;
using CrmLedger.Promises;
using CrmLedger.Relationships;
using CrmLedger.Touchpoints;

namespace CrmLedger.EventStore.Views;

/// <summary>Every view that the ledger keeps.</summary>
public static class LedgerViews
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<View> All { get; } =
        [
            new OpenCommitmentsView(), new KeptRateView(), new RelationshipsView(), new TouchpointsView(),
            new DirectoryView(),
        ];

    /// <summary>The view of a name, or null.</summary>
    public static View? Find(string name) => All.FirstOrDefault(v => v.Name == name);
}

/// <summary>One row for each promise or follow-up that is still owed.</summary>
public sealed class OpenCommitmentsView : View<OpenCommitment>
{
    /// <summary>The view's name.</summary>
    public const string ViewName = "open-commitments";

    /// <inheritdoc />
    public override string Name => ViewName;

    /// <inheritdoc />
    public override int Version => 2;

    /// <inheritdoc />
    public override IReadOnlyList<string> KeysOf(IEvent happened)
    {
        if (!Handles(happened.GetType()))
            return [];
        var (type, id) = OpenCommitment.KeyOf(happened);
        return [PrefixOf(type) + id];
    }

    /// <summary>With what the keys of a sort's rows begin, and no others.</summary>
    public static string PrefixOf(CommitmentType type) =>
        JsonNamingPolicy.SnakeCaseLower.ConvertName(type.ToString()) + "/";

    /// <inheritdoc />
    protected override bool Handles(Type record) => OpenCommitment.Handles(record);

    /// <inheritdoc />
    protected override OpenCommitment? Project(OpenCommitment? row, Envelope entry) =>
        OpenCommitment.Project(row, IdOf(entry.Stream), entry.Data, entry.Moment);

    /// <inheritdoc />
    protected override RowIndex IndexOf(OpenCommitment row) => new(row.BindingDue, row.HolderId, row.HolderTeam);
}

/// <summary>One row for each promise, whatever became of it.</summary>
public sealed class KeptRateView : View<KeptRatePromise>
{
    /// <summary>The view's name.</summary>
    public const string ViewName = "kept-rate";

    /// <inheritdoc />
    public override string Name => ViewName;

    /// <inheritdoc />
    public override int Version => 2;

    /// <inheritdoc />
    public override IReadOnlyList<string> KeysOf(IEvent happened) =>
        happened is IPromiseEvent promise ? [promise.PromiseId] : [];

    /// <inheritdoc />
    protected override bool Handles(Type record) => KeptRatePromise.Handles(record);

    /// <inheritdoc />
    protected override KeptRatePromise? Project(KeptRatePromise? row, Envelope entry) =>
        KeptRatePromise.Project(row, IdOf(entry.Stream), (IPromiseEvent)entry.Data, entry.Moment);

    /// <inheritdoc />
    protected override RowIndex IndexOf(KeptRatePromise row) =>
        new(row.Promise.FirstDue, row.Promise.HolderId, row.Promise.HolderTeam);

    /// <inheritdoc />
    public override byte[] Summarize(object row) =>
        PromiseSummary.Write(CountedPromise.Of(((KeptRatePromise)row).Promise));
}

/// <summary>
/// One row for each promise, follow-up, concern, feedback and purchase, with the evidence of trust that it gives and,
/// beside it, the deadline that it waits for; and one for the relationship itself.
/// </summary>
public sealed class RelationshipsView : View<RelationshipPart>
{
    /// <summary>The view's name.</summary>
    public const string ViewName = "relationships";

    /// <inheritdoc />
    public override string Name => ViewName;

    /// <inheritdoc />
    public override int Version => 1;

    /// <inheritdoc />
    public override IReadOnlyList<string> KeysOf(IEvent happened) =>
        RelationshipPart.KeyOf(happened) is { } key ? [key] : [];

    /// <inheritdoc />
    protected override bool Handles(Type record) => RelationshipPart.Handles(record);

    /// <inheritdoc />
    protected override RelationshipPart? Project(RelationshipPart? row, Envelope entry) =>
        RelationshipPart.Evolve(row, entry);

    /// <inheritdoc />
    protected override RowIndex IndexOf(RelationshipPart row) =>
        new(row.Source is { } source ? ClockVerdict.DeadlineOf(source) : null, null, null);

    /// <inheritdoc />
    public override byte[] Summarize(object row) => PartSummary.Write((RelationshipPart)row);
}

/// <summary>One row for each customer and member.</summary>
public sealed class DirectoryView : View<Person>
{
    /// <summary>The view's name.</summary>
    public const string ViewName = "directory";

    /// <inheritdoc />
    public override string Name => ViewName;

    /// <inheritdoc />
    public override int Version => 2;

    /// <inheritdoc />
    public override IReadOnlyList<string> KeysOf(IEvent happened) => Handles(happened.GetType()) ? [""] : [];

    /// <inheritdoc />
    protected override bool Handles(Type record) => Person.Handles(record);

    /// <inheritdoc />
    protected override Person? Project(Person? row, Envelope entry) =>
        Person.Project(row, entry.Data);

    /// <inheritdoc />
    protected override RowIndex IndexOf(Person row) => new(null, null, row.Member?.Team);
}

/// <summary>
/// One row for each touchpoint, with the scores given about it, and one for each customer's relationship.
/// </summary>
public sealed class TouchpointsView : View<CustomerContact>
{
    /// <summary>The view's name.</summary>
    public const string ViewName = "touchpoints";

    /// <inheritdoc />
    public override string Name => ViewName;

    /// <inheritdoc />
    public override int Version => 1;

    /// <inheritdoc />
    public override IReadOnlyList<string> KeysOf(IEvent happened) =>
        CustomerContact.KeyOf(happened) is { } key ? [key] : [];

    /// <inheritdoc />
    protected override bool Handles(Type record) => CustomerContact.Handles(record);

    /// <inheritdoc />
    protected override CustomerContact? Project(CustomerContact? row, Envelope entry) =>
        CustomerContact.Evolve(row, entry);

    /// <inheritdoc />
    protected override RowIndex IndexOf(CustomerContact row) =>
        new(null, row.Touchpoint?.MemberId, row.Touchpoint?.Team);

    /// <inheritdoc />
    public override byte[] Summarize(object row) => ContactSummary.Write((CustomerContact)row);
}
