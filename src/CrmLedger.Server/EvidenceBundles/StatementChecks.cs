using System.Text;
using System.Text.Json;
using CrmLedger.Policies;
using CrmLedger.Server.Statements;
using CrmLedger.Transparency;

namespace CrmLedger.Server.EvidenceBundles;

/// <summary>A statement that was computed again.</summary>
/// <param name="Question">What was asked.</param>
/// <param name="Answer">What follows from the events, canonical JSON; it is what was stated.</param>
public sealed record CheckedStatement(StatementQuestion Question, string Answer);

/// <summary>Computes the statements of a bundle again from the events that it shows.</summary>
internal sealed class StatementChecks
{
    private readonly IReadOnlyList<SignedNote> _notes;
    private readonly EvidenceScope _scope;
    private readonly List<(string Origin, Statement Statement, StatementRefold Refold)> _statements;
    private readonly List<CheckedStatement> _checked = [];
    private string? _unreadable;

    /// <param name="notes">The statements, whoever signed them.</param>
    /// <param name="scope">What the bundle shows.</param>
    /// <exception cref="FormatException">One is not a statement that this version can compute again.</exception>
    public StatementChecks(IReadOnlyList<SignedNote> notes, EvidenceScope scope)
    {
        (_notes, _scope) = (notes, scope);
        _statements = [.. notes.Select(Statement.Parse)
            .Select(s => (s.Origin, s.Statement, StatementRefold.Of(s.Statement.Question)))];
    }

    /// <summary>The sizes of the trees that they are about.</summary>
    public IEnumerable<long> Sizes => _statements.Select(s => s.Statement.Question.TreeSize);

    /// <summary>Those that hold.</summary>
    public IReadOnlyList<CheckedStatement> Checked => _checked;

    /// <summary>Takes the next entry that is shown.</summary>
    public void Take(LogEntry entry)
    {
        if (_statements.Count == 0)
            return;
        try
        {
            var envelope = ShownEntries.ToEnvelope(entry);
            foreach (var (_, _, refold) in _statements)
                refold.Take(envelope);
        }
        catch (Exception unknown) when (unknown is UnknownEventException or JsonException)
        {
            _unreadable ??= $"The event at {entry.Position} cannot be read by these rules: {unknown.Message}";
        }
    }

    /// <summary>Why one of them does not hold; null when all do.</summary>
    public string? Refusal(EvidenceWalk walk, LogPolicy policy)
    {
        if (_unreadable is not null)
            return _unreadable;
        foreach (var (note, (origin, statement, refold)) in _notes.Zip(_statements))
        {
            string? refusal = policy.CheckNote(note)?.Detail
                ?? (origin != policy.Origin ? $"It is of '{origin}', not of '{policy.Origin}'." : null)
                ?? (!Suffices(refold) ? "The bundle does not show all that it follows from." : null)
                ?? RootRefusal(walk, statement);
            if (refusal is not null)
                return $"The statement about '{statement.Question.About}' is not to be believed: {refusal}";
            object answer = refold.Answer();
            if (Statement.HashOf(answer) != statement.Result)
            {
                return $"The statement about '{statement.Question.About}' is false: from the events follows "
                    + Encoding.UTF8.GetString(Statement.CanonicalOf(answer));
            }
            _checked.Add(new(statement.Question, Encoding.UTF8.GetString(Statement.CanonicalOf(answer))));
        }
        return null;
    }

    private bool Suffices(StatementRefold refold) => _scope is EvidenceScope.WholeLog
        || refold.Stream is { } stream && _scope is EvidenceScope.Streams shown && shown.Names.Contains(stream)
            && shown.Names.Contains(PolicyStream.StreamId);

    private static string? RootRefusal(EvidenceWalk walk, Statement statement)
    {
        byte[]? root = walk.RootAt(statement.Question.TreeSize);
        return root is null ? $"The bundle does not stop at the {statement.Question.TreeSize} events that it is about."
            : Convert.ToBase64String(root) != statement.Root ? "It is about other events than those of this log."
            : null;
    }
}
