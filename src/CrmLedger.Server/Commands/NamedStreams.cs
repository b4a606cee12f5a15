using CrmLedger.Customers;
using CrmLedger.EventStore.Appending;
using CrmLedger.Imports;
using CrmLedger.Members;
using CrmLedger.Server.Problems;

namespace CrmLedger.Server.Commands;

/// <summary>
/// The streams that commands name besides their own: members for their teams, the other customer of a merge, the import
/// that brings an event. It remembers at which versions they were seen, so that what was decided holds only while they
/// are at these.
/// </summary>
/// <param name="states">What the server keeps of streams.</param>
/// <param name="pending">What the same batch makes of a stream, by the stream's id, or null.</param>
public sealed class NamedStreams(StreamStates states, Func<string, object?>? pending = null)
{
    private readonly Dictionary<string, long> _seen = new(StringComparer.Ordinal);

    /// <summary>The streams seen in the log; those that the same batch writes to are not among them.</summary>
    public IEnumerable<SeenStream> Seen => _seen.Where(s => pending?.Invoke(s.Key) is null)
        .Select(s => new SeenStream(s.Key, s.Value));

    /// <summary>Why nothing can come with an import, or null.</summary>
    public async Task<Problem?> RefusalOfImportAsync(Guid importId, CancellationToken cancel) =>
        await LoadAsync<Import>(StreamKind.Import, importId, cancel) switch
        {
            { Declared: null } => Problem.Of(new(RejectionCode.ImportUnknown,
                $"Import {importId} was not declared. Declare it with POST /v1/imports first.", "importid")),
            { Completed: not null } => Problem.Of(new(RejectionCode.ImportCompleted,
                $"Import {importId} is complete; nothing more can come with it.", "importid")),
            _ => null,
        };

    /// <summary>The teams of the members whom a command names, or the problem of one who is not there.</summary>
    public async Task<(IReadOnlyDictionary<Guid, string> Teams, Problem? Unknown)> TeamsAsync(
        CommandDraft draft, CancellationToken cancel)
    {
        var teams = new Dictionary<Guid, string>();
        foreach (var (field, memberId) in draft.Members)
        {
            if ((await LoadAsync<Member>(StreamKind.Member, memberId, cancel)).Team is not { } team)
            {
                return (teams, Problem.Of(new(RejectionCode.MemberUnknown,
                    "There is no such member. Let the member join first (POST /v1/members).", field.Name)));
            }
            teams[memberId] = team;
        }
        return (teams, null);
    }

    /// <summary>Why a customer cannot be merged into the one that the command names, or null.</summary>
    public async Task<Problem?> RefusalOfOtherCustomerAsync(CommandDraft draft, CancellationToken cancel)
    {
        foreach (var (_, customerId) in draft.OtherCustomers)
        {
            var other = await LoadAsync<CustomerStream>(StreamKind.Customer, customerId, cancel);
            if (CustomerDecider.RefusalOfMergeInto(other.Customer, customerId) is { } refusal)
                return Problem.Of(refusal);
        }
        return null;
    }

    private async ValueTask<TState> LoadAsync<TState>(StreamKind kind, Guid id, CancellationToken cancel)
    {
        string streamId = kind.StreamId(id);
        if (pending?.Invoke(streamId) is { } made)
            return (TState)made;
        var state = await states.LoadAsync(kind, streamId, cancel);
        // Of one that moved on between two commands of a batch, the version that the first of them saw must hold.
        _seen.TryAdd(streamId, state.Version);
        return (TState)state.State;
    }
}
