using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using CrmLedger.Transparency;

namespace CrmLedger.Server.Statements;

/// <summary>What a statement is about: the question, with everything that its answer depends on.</summary>
/// <param name="About">The question: <c>kept-rate</c>, <c>trust</c> or <c>satisfaction</c>.</param>
/// <param name="Rules">The version of the rules that the answer follows.</param>
/// <param name="Position">The last position that was known; -1 for none.</param>
/// <param name="Time">The time at which what was known is judged, UTC.</param>
/// <param name="Until">Only what is said to have happened by then, UTC; null for all.</param>
/// <param name="Customer">The customer; null where it is about all.</param>
/// <param name="By">What is grouped by, or null.</param>
/// <param name="Over">How long a period is, or null.</param>
/// <param name="From">First due, asked or received at or after, UTC, or null.</param>
/// <param name="To">First due, asked or received before, UTC, or null.</param>
/// <param name="Annulled">What becomes of annulled entries; null where they are left out.</param>
public sealed record StatementQuestion(
    string About, int Rules, long Position, DateTimeOffset Time, DateTimeOffset? Until = null, Guid? Customer = null,
    string? By = null, string? Over = null, DateTimeOffset? From = null, DateTimeOffset? To = null,
    AnnulledEntries? Annulled = null)
{
    /// <summary>What of what was known counts.</summary>
    [JsonIgnore]
    public WhatCounts Counts => new(Until, Annulled ?? AnnulledEntries.LeftOut);

    /// <summary>The question with what counts for it.</summary>
    public StatementQuestion With(WhatCounts counts) => this with
    {
        Until = counts.Until,
        Annulled = counts.Annulled == AnnulledEntries.LeftOut ? null : counts.Annulled,
    };

    /// <summary>How many events were known: the size of the tree that it is about.</summary>
    [JsonIgnore]
    public long TreeSize => Position + 1;
}

/// <summary>
/// That a log's first events give a number: what was asked, the root of these events, and the hash of the answer's
/// canonical form (RFC 8785). As a C2SP signed note by the log's key it has three lines:
/// <c>crmledger-statement@v1</c>, the log's name, and this record in canonical JSON. Its first line is not the log's
/// name, so that nobody takes it for a checkpoint.
/// </summary>
/// <param name="Question">What was asked.</param>
/// <param name="Root">The root at <see cref="StatementQuestion.TreeSize" />, base64.</param>
/// <param name="Result">SHA-256 of the answer's canonical form, base64.</param>
public sealed record Statement(StatementQuestion Question, string Root, string Result)
{
    private const string Header = "crmledger-statement@v1";

    private static readonly JsonSerializerOptions s_strict = new(LedgerJson.Options)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    /// <summary>The hash of an answer.</summary>
    public static string HashOf(object answer) =>
        Convert.ToBase64String(SHA256.HashData(CanonicalOf(answer)));

    /// <summary>The canonical form of an answer, UTF-8.</summary>
    public static byte[] CanonicalOf(object answer) =>
        CanonicalJson.Canonicalize(JsonSerializer.SerializeToUtf8Bytes(answer, LedgerJson.Options));

    /// <summary>Signs it in a log's name.</summary>
    public SignedNote Sign(SignerKey key) => SignedNote.Sign(TextIn(key.Verifier.Name), key);

    /// <summary>Reads what a note states, whoever signed it.</summary>
    /// <returns>The log in whose name it is made, and the statement.</returns>
    /// <exception cref="FormatException">It is no statement, or not written as <see cref="Sign" /> writes.</exception>
    public static (string Origin, Statement Statement) Parse(SignedNote note)
    {
        string[] lines = note.Text.Split('\n');
        if (lines is not [Header, var origin, var json, ""])
            throw new FormatException($"A statement has the line '{Header}', a log's name, and one line of JSON.");
        try
        {
            var read = JsonSerializer.Deserialize<Statement>(json, s_strict);
            return read is { Question: not null, Root: not null, Result: not null } && read.TextIn(origin) == note.Text
                ? (origin, read)
                : throw new FormatException("The statement is not written in its one canonical form.");
        }
        catch (JsonException unread)
        {
            throw new FormatException($"The statement cannot be read: {unread.Message}", unread);
        }
    }

    private string TextIn(string origin) =>
        $"{Header}\n{origin}\n{Encoding.UTF8.GetString(CanonicalOf(this))}\n";
}
