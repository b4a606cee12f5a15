using CrmLedger.EventStore;
using CrmLedger.EventStore.Views;
using CrmLedger.Server.Problems;
using CrmLedger.Server.Security;
using CrmLedger.Server.Statements;
using CrmLedger.Server.Tenants;
using CrmLedger.Server.Views;
using Microsoft.AspNetCore.Http;

namespace CrmLedger.Server.Relationships;

/// <summary>What of all relationships is to be counted.</summary>
/// <param name="By">What it is grouped by; null for no groups.</param>
/// <param name="Over">How long a period is; null for no periods.</param>
/// <param name="From">Counts at or after, UTC.</param>
/// <param name="To">Counts before, UTC.</param>
/// <param name="Time">The time asked about, at which what waits is judged, UTC.</param>
public sealed record CountQuestion(
    string? By, string? Over, DateTimeOffset? From, DateTimeOffset? To, DateTimeOffset Time)
{
    /// <summary>Whether what happened at a time is to be counted.</summary>
    public bool IsAbout(DateTimeOffset at) => !(at < From) && !(at >= To);
}

/// <summary>What was counted, with all that an answer says about it.</summary>
/// <typeparam name="TResult">The numbers.</typeparam>
/// <param name="Question">What was asked.</param>
/// <param name="Clocks">What was known, and what had happened.</param>
/// <param name="Position">The position that the numbers reflect.</param>
/// <param name="Groups">Everybody first, with the key null, then each group by its key.</param>
/// <param name="Notice">What the reader should know, such as why nothing is found.</param>
/// <param name="Statement">The signed statement; null when it was not asked for.</param>
public sealed record Counted<TResult>(
    CountQuestion Question, Clocks Clocks, long Position, IReadOnlyList<CountedGroup<TResult>> Groups, string? Notice,
    string? Statement);

/// <summary>Counts something of all relationships, in groups and over time.</summary>
public sealed class RelationshipCounts(
    LedgerDatabase database, ViewReader views, StandingViews standing, StatementSigner statements)
{
    /// <summary>Reads the question, counts, and answers.</summary>
    /// <typeparam name="TResult">The numbers.</typeparam>
    /// <typeparam name="TAnswer">The answer.</typeparam>
    /// <param name="http">The request.</param>
    /// <param name="ledgers">The tenants' ledgers.</param>
    /// <param name="groups">What can be grouped by.</param>
    /// <param name="stated">What a statement of it is about; null when none can be asked for.</param>
    /// <param name="count">Counts; null when there are too many groups and periods.</param>
    /// <param name="isEmpty">Whether nothing was found.</param>
    /// <param name="answer">Makes the answer.</param>
    /// <param name="table">The answer as a table.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task<IResult> AnswerAsync<TResult, TAnswer>(
        HttpContext http, TenantLedgers ledgers, IReadOnlyList<string> groups, string? stated,
        Func<StandingRelationships, CountQuestion, IReadOnlyList<CountedGroup<TResult>>?> count,
        Func<TResult, bool> isEmpty, Func<Counted<TResult>, TAnswer> answer, Func<TAnswer, string> table,
        CancellationToken cancel)
        where TAnswer : class
    {
        var ledger = await ledgers.GetAsync(http.Caller().Tenant);
        var query = new Query(http, ["by", "over", "from", "to", "asOf", "until", "annulled", "atLeast", "format",
            .. stated is null ? Array.Empty<string>() : ["statement"]]);
        string? by = query.Word("by", [.. groups]), over = query.Word("over", [.. Periods.Units]);
        var (from, to) = (query.Time("from"), query.Time("to"));
        string? format = Answers.Format(query);
        bool isStated = StatementSigner.IsAsked(query, format);
        var (clocks, problem) = await views.ClocksAsync(
            query, ledger.Tenant, RelationshipsView.ViewName, null, cancel);
        if (clocks is null)
            return LedgerProblems.Result(problem!);
        var question = new CountQuestion(by, over, from, to, clocks.Time);
        var (found, position) = await standing.AskAtAsync<StandingRelationships, CountedPart,
            IReadOnlyList<CountedGroup<TResult>>?>(
            ledger.Tenant, clocks, () => new(database, ledger.Tenant),
            relationships => count(relationships, question), cancel);
        if (found is null)
            return LedgerProblems.Result(Problem.Invalid(new FieldError("over", Query.TooManyPeriods)));
        ViewReader.SetETag(http, RelationshipsView.ViewName, position, clocks, format);
        string? notice = isEmpty(found[0].Numbers)
            ? await views.NothingKnownAsync(ledger.Tenant, clocks.AsOf, cancel)
            : null;
        var labelled = await views.LabelledAsync(ledger, by, found, position, cancel);
        return Answers.Of(
            format, answer(new(question, clocks, position, labelled, notice, isStated
                ? await StateAsync(ledger, stated!, clocks, question, found, position, cancel)
                : null)), table, Answers.WithNulls);
    }

    private Task<string> StateAsync<TResult>(
        TenantLedger ledger, string about, Clocks clocks, CountQuestion asked,
        IReadOnlyList<CountedGroup<TResult>> found, long position, CancellationToken cancel) =>
        statements.SignAsync(ledger.Keys, new StatementQuestion(about, StatementRefold.RulesOf(about)!.Value, position,
            clocks.Time, By: asked.By, Over: asked.Over, From: asked.From, To: asked.To).With(clocks.Counts),
            StatedGroups.Of(found), cancel);
}
