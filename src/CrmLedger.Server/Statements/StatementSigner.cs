using CrmLedger.EventStore.Checkpoints;
using CrmLedger.EventStore.Privacy;
using CrmLedger.Server.Views;
using CrmLedger.Transparency;

namespace CrmLedger.Server.Statements;

/// <summary>Signs what a log says that its events give.</summary>
public sealed class StatementSigner(CheckpointSigner checkpoints, LogKeys logKeys, StoredTree tree)
{
    /// <summary>The parameter that asks for a statement, for the descriptions of operations.</summary>
    public static (string Name, string Description) Parameter { get; } = ("statement",
        "true for a signed statement of the answer, which an auditor refolds offline from a bundle of evidence.");

    /// <summary>Whether a question asks for it; it goes with JSON only.</summary>
    public static bool IsAsked(Query query, string? format)
    {
        bool isAsked = query.Flag(Parameter.Name) ?? false;
        if (isAsked && format == "csv")
            query.Refuse(Parameter.Name, "goes with format=json only.");
        return isAsked;
    }

    /// <summary>Signs.</summary>
    /// <param name="keys">The tenant's.</param>
    /// <param name="question">What was asked.</param>
    /// <param name="answer">What was answered; what of it is serialized is stated.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>The signed note as text.</returns>
    /// <exception cref="LogStoppedException">The log does not continue what was signed.</exception>
    public async Task<string> SignAsync(
        TenantKeys keys, StatementQuestion question, object answer, CancellationToken cancel)
    {
        // A checkpoint first: nothing is stated of events that the log has not signed for.
        await checkpoints.SignAsync(keys, cancel);
        byte[] root = await tree.ComputeAsync(keys.Tenant, read => TileTree.Root(question.TreeSize, read), cancel);
        var signer = (await logKeys.ListAsync(keys, cancel))[^1].Signer;
        var note = new Statement(question, Convert.ToBase64String(root), Statement.HashOf(answer)).Sign(signer);
        return System.Text.Encoding.UTF8.GetString(note.ToUtf8());
    }
}
