using System.Collections.Concurrent;
using System.Text.Json;
using CrmLedger.PostgresTests;
using CrmLedger.PostgresTests.Http;
using CrmLedger.Server.Problems;

namespace CrmLedger.Campaigns;

/// <summary>What every answer of the server must be like, whatever was asked.</summary>
internal sealed class AnswerOracle
{
    private static readonly HashSet<string> s_headers = new(StringComparer.Ordinal)
    {
        "If-Match", "Idempotency-Key", "ce-id", "ce-source", "Correlation-Id", "Causation-Id",
    };

    private static readonly HashSet<string> s_codes =
    [
        .. Enum.GetNames<RejectionCode>().Select(JsonNamingPolicy.SnakeCaseLower.ConvertName),
        .. typeof(ProblemCodes).GetFields().Select(f => (string)f.GetRawConstantValue()!),
    ];

    private readonly ConcurrentDictionary<string, int> _counts = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, byte> _recorded = new(StringComparer.Ordinal);

    private int _onlyCounted;

    /// <summary>
    /// What answers said was recorded: the ids of events, and the streams of imports, whose declaration is told by
    /// them alone.
    /// </summary>
    public IEnumerable<string> Recorded => _recorded.Keys;

    /// <summary>How often there was an answer of this sort: its status, or its problem's code.</summary>
    public IReadOnlyDictionary<string, int> Counts => _counts;

    /// <summary>Events of which only their number was told, because a batch asked for no more.</summary>
    public int OnlyCounted => _onlyCounted;

    /// <summary>Whether anybody was told that this was recorded.</summary>
    public bool WasTold(string recorded) => _recorded.ContainsKey(recorded);

    /// <summary>Notes an end that is no answer.</summary>
    public void Note(string what) => _counts.AddOrUpdate(what, 1, (_, before) => before + 1);

    /// <summary>Judges an answer, and notes what it says was recorded.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="foreseen">The only one that is right, or null.</param>
    /// <param name="target">The path and query, which problems point into.</param>
    /// <param name="isHead">Whether the answer may not have a body.</param>
    public void Judge(Answer answer, Foreseen? foreseen, string target, bool isHead = false)
    {
        Note(answer.Status < 400 ? $"{answer.Status}" : answer.Problem ?? $"{answer.Status} without a problem");
        if (answer.Status < 400)
        {
            foreseen.ShouldBeNull($"it was taken: {answer.Text}");
            NoteRecorded(answer);
            return;
        }
        if (isHead)
        {
            answer.Status.ShouldBeLessThan(500);
            return;
        }
        answer.Headers.GetValueOrDefault("Content-Type").ShouldBe("application/problem+json", answer.Text);
        JudgeProblem(answer.Json, target, answer.Text);
        answer.Json.Number("status").ShouldBe(answer.Status, answer.Text);
        if (foreseen is null)
            return;
        answer.Problem.ShouldBe(foreseen.Code, answer.Text);
        if (foreseen.Pointer is not null)
            answer.Pointers().ShouldContain(foreseen.Pointer, answer.Text);
    }

    /// <summary>Judges a problem, which may be the whole answer or that of one item.</summary>
    private static void JudgeProblem(JsonElement problem, string target, string text)
    {
        string type = problem.Text("type").ShouldNotBeNull(text);
        type.ShouldStartWith(LedgerProblems.TypeBase, customMessage: text);
        string code = type[LedgerProblems.TypeBase.Length..];
        s_codes.ShouldContain(code, text);
        long status = problem.Number("status").ShouldNotBeNull(text);
        status.ShouldBeLessThan(500, text);
        var (known, title) = LedgerProblems.Http(code);
        (status, problem.Text("title")).ShouldBe((known, title), text);
        problem.Text("detail").ShouldNotBeNullOrWhiteSpace(text);
        var pointers = problem.Pointers();
        foreach (string pointer in pointers)
        {
            (Points(pointer, target) || IsMissing(problem, pointer))
                .ShouldBeTrue($"'{pointer}' points nowhere: {text}");
        }
        if (code == ProblemCodes.Invalid)
            pointers.ShouldNotBeEmpty(text);
        if (problem.At("items") is { } items)
            JudgeItems(items, target, text);
    }

    private static void JudgeItems(JsonElement items, string target, string text)
    {
        foreach (var item in items.EnumerateArray())
        {
            if (item.At("problem") is { } problem)
                JudgeProblem(problem, target, text);
        }
    }

    /// <summary>Whether it is an RFC 6901 pointer, or names a header or a part of the address.</summary>
    private static bool Points(string pointer, string target)
    {
        if (pointer.Length == 0 || s_headers.Contains(pointer))
            return true;
        if (pointer[0] == '/')
        {
            return !pointer.Split('~').Skip(1).Any(
                part => !part.StartsWith('0') && !part.StartsWith('1'));
        }
        bool isPathId = pointer.EndsWith("Id", StringComparison.Ordinal) && pointer.All(char.IsAsciiLetter);
        string query = target.Contains('?') ? target[(target.IndexOf('?') + 1)..] : "";
        return isPathId || query.Split('&').Any(p => Uri.UnescapeDataString(p.Split('=')[0]) == pointer)
            || query.Contains("%ff", StringComparison.Ordinal);
    }

    /// <summary>What is missing stands nowhere that one could point at.</summary>
    private static bool IsMissing(JsonElement problem, string name) => problem.Items("errors")
        .Any(e => e.Text("pointer") == name && e.Text("detail") == "is missing.");

    private void NoteRecorded(Answer answer)
    {
        if (answer.Json.ValueKind != JsonValueKind.Object)
            return;
        if (answer.Json.At("items") is { } items && answer.Json.At("appended") is not null)
        {
            JudgeItems(items, "", answer.Text);
            var appended = items.EnumerateArray().Where(i => i.Text("status") == "appended").ToList();
            foreach (var item in appended)
                NoteEvent(item.Text("event.id"), answer);
            Interlocked.Add(ref _onlyCounted, (int)answer.Number("appended")!.Value - appended.Count);
        }
        else if (answer.Json.At("alreadyErased") is not null)
        {
            // An erasure answers for every customer who by merges is the same person, erased before or now.
            foreach (var erased in answer.Items("customers"))
                _recorded.TryAdd(erased.Text("eventId").ShouldNotBeNull(answer.Text), 0);
        }
        else if (answer.Text("importId") is { } import)
        {
            _recorded.TryAdd($"import-{import}", 0);
        }
        else if (answer.Json.At("replayed")?.ValueKind == JsonValueKind.False)
        {
            foreach (var recorded in answer.Items("events"))
                NoteEvent(recorded.Text("id"), answer);
        }
    }

    private void NoteEvent(string? id, Answer answer) =>
        _recorded.TryAdd(id.ShouldNotBeNull(answer.Text), 0).ShouldBeTrue($"{id} was recorded before: {answer.Text}");
}
