using CrmLedger.EventStore;
using CrmLedger.EventStore.Reading;
using CrmLedger.EventStore.Tenants;
using CrmLedger.EventStore.Views;
using CrmLedger.Loyalty;
using CrmLedger.Server.Commands;
using CrmLedger.Server.People;
using CrmLedger.Server.Policies;
using CrmLedger.Server.Problems;
using CrmLedger.Server.Relationships;
using CrmLedger.Server.Security;
using CrmLedger.Server.Tenants;
using CrmLedger.Server.Views;
using CrmLedger.Trust;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace CrmLedger.Server.Loyalty;

/// <summary>Customers by stage and risk.</summary>
/// <param name="AsOf">The time of knowledge asked about, UTC.</param>
/// <param name="Until">Until when what happened counts, UTC; left out for asOf.</param>
/// <param name="Annulled">What was made of annulled entries.</param>
/// <param name="Position">The position that the answer reflects, on all pages the same.</param>
/// <param name="Provisional">Whether later events could still be recorded at or before that time.</param>
/// <param name="Total">How many there are on all pages.</param>
/// <param name="Items">The page.</param>
/// <param name="Next">Give it as <c>cursor</c> to read on; left out at the end.</param>
/// <param name="Notice">What the reader should know, such as why nothing is found.</param>
public sealed record LoyaltyCustomersPage(
    DateTimeOffset AsOf, DateTimeOffset? Until, AnnulledEntries Annulled,
    long Position, bool Provisional, int Total,
    IReadOnlyList<LoyalCustomer> Items, string? Next, string? Notice);

/// <summary>A customer with stage and risks.</summary>
/// <param name="CustomerId">The customer.</param>
/// <param name="Customer">Who that is.</param>
/// <param name="Segment">The tenant's own grouping.</param>
/// <param name="Stage">The stage.</param>
/// <param name="Since">Since when, UTC.</param>
/// <param name="StageBefore">The stage at <c>before</c>; left out when that was not asked, or nobody was there.</param>
/// <param name="Risks">What there is to fear, and why.</param>
/// <param name="Trust">The trust, 0 to 100, to four digits.</param>
/// <param name="Occasions">On how many days something was bought.</param>
/// <param name="LastPurchase">The last purchase, UTC.</param>
/// <param name="Value">What was bought to date, by currency.</param>
/// <param name="Self">Where the customer's timeline is.</param>
public sealed record LoyalCustomer(
    Guid CustomerId, Named? Customer, string? Segment, Stage Stage, DateTimeOffset Since, Stage? StageBefore,
    IReadOnlyList<Risk> Risks, decimal Trust, int Occasions, DateTimeOffset? LastPurchase,
    IReadOnlyList<CustomerValue> Value, string Self);

/// <summary>Lists customers by stage and risk: who is at risk and why, who was lost, who are the advocates.</summary>
public sealed class LoyaltyCustomersEndpoint(
    LedgerDatabase database, EventReader reader, ViewReader views, StandingViews standing, PeopleSearch search)
{
    /// <summary>Of so many customers the rows are read for one answer, rather than those of all kept.</summary>
    private const int Few = 1_000;

    private static readonly string[] s_stages =
        [.. Words.Names<Stage>()];

    private static readonly string[] s_risks =
        ["any", .. Words.Names<RiskReason>()];

    private static readonly CsvTable<LoyalCustomer> s_table = new(
        new("customer_id", c => c.CustomerId), new("reference", c => c.Customer?.Reference),
        new("name", c => c.Customer?.Name), new("segment", c => c.Segment), new("stage", c => c.Stage),
        new("since", c => c.Since), new("stage_before", c => c.StageBefore),
        new("risks", c => string.Join(' ', c.Risks.Select(r => r.Explanation))), new("trust", c => c.Trust),
        new("occasions", c => c.Occasions), new("last_purchase", c => c.LastPurchase),
        new("value", c => string.Join(' ', c.Value.Select(
            v => FormattableString.Invariant($"{v.Currency}:{v.ValueMinor}")))));

    /// <summary>Maps it.</summary>
    public static void Map(IEndpointRouteBuilder v1) =>
        v1.MapGet("/loyalty/customers", (HttpContext http, TenantLedgers ledgers, LoyaltyCustomersEndpoint endpoint,
                CancellationToken cancel) => endpoint.ListAsync(http, ledgers, cancel))
            .WithName("LoyaltyCustomers").WithTags("Loyalty").WithSummary("List customers by stage and risk")
            .WithDescription("risk=any lists every relationship at risk and why, whatever its stage. stage and "
                + "stageBefore list who moved: stage=lapsed&stageBefore=loyal,advocate&before=2026-01-01. The lowest "
                + "trust comes first, or with order=since the latest change of stage.")
            .WithMetadata(new QueryMetadata(
            [
                ("find", "Only whose name or reference contains every word of this text, in any order, without regard "
                    + "to case and diacritics; 1 to 100 characters. The whole reference of a customer finds that one "
                    + "alone, and at once among any number."),
                ("stage", "One or more, with commas: " + string.Join(", ", s_stages) + "."),
                ("risk", "One of " + string.Join(", ", s_risks) + "."), ("segment", "Only this segment."),
                ("before", "An earlier time to compare with."),
                ("stageBefore", "The stage at before; one or more, with commas."),
                ("order", "trust or since (trust)."), .. Clocks.Parameters, Answers.PageFormatParameter,
                ("limit", "Rows of a page, 1 to 1000 (100)."), ("cursor", "The page after this one."),
            ]))
            .Produces<LoyaltyCustomersPage>(StatusCodes.Status200OK, "application/json", Answers.CsvType)
            .Needs(Scopes.Read, Scopes.Lead, Scopes.Audit);

    /// <summary>Where a page ended, and the knowledge that the first page was made of: all are of the same.</summary>
    private sealed record After(int Rank, KnownAt Known);

    private sealed record Asked(
        IReadOnlySet<Guid>? Among, IReadOnlySet<Stage>? Stages, RiskReason? Risk, bool AnyRisk, string? Segment,
        DateTimeOffset? Before, IReadOnlySet<Stage>? StagesBefore, DateTimeOffset Time);

    private async Task<IResult> ListAsync(HttpContext http, TenantLedgers ledgers, CancellationToken cancel)
    {
        var ledger = await ledgers.GetAsync(http.Caller().Tenant);
        var query = new Query(http, "find", "stage", "risk", "segment", "before", "stageBefore", "order", "asOf",
            "until", "annulled", "atLeast", "format", "limit", "cursor");
        var find = query.Sought("find");
        var (stages, stagesBefore) = (Stages(query, "stage"), Stages(query, "stageBefore"));
        string? risk = query.Word("risk", s_risks);
        var (segment, before) = (query.Text("segment"), query.Time("before"));
        bool bySince = query.Word("order", "trust", "since") == "since";
        int limit = (int)(query.Number("limit", 1, 1_000) ?? 100);
        string? format = Answers.Format(query);
        var after = query.After<After>("cursor");
        if (stagesBefore is not null && before is null)
            query.Refuse("stageBefore", "goes with before, which says when.");
        var (clocks, problem) = await views.ClocksAsync(
            query, ledger.Tenant, RelationshipsView.ViewName, after?.Known, cancel);
        if (clocks is null)
            return LedgerProblems.Result(problem!);
        var among = find is null
            ? null
            : await search.CustomersAsync(ledger, find, clocks.Known.Position, cancel);
        var asked = new Asked(among, stages,
            risk is null or "any" ? null : Enum.GetValues<RiskReason>()[Array.IndexOf(s_risks, risk) - 1],
            risk == "any", segment, before, stagesBefore, clocks.Time);
        var policies = await reader.TrustPoliciesAsync(
            ledger.Tenant, clocks.Known.Position ?? long.MaxValue, cancel);
        int start = after?.Rank ?? 0;
        var (found, position) = await AskAsync(ledger.Tenant, clocks, among,
            all => Find(all, asked, policies, bySince, start, limit), cancel);
        var page = await NamedAsync(ledger, found.Page, clocks, position, cancel);
        int end = start + page.Count;
        ViewReader.SetETag(http, RelationshipsView.ViewName, position, clocks, format);
        string? next =
            end < found.Total ? Query.Cursor(new After(end, clocks.Known with { Position = position })) : null;
        return Answers.PageOf(http, format, new LoyaltyCustomersPage(
            clocks.Known.AsOf, clocks.Until, clocks.Annulled, position,
            clocks.Known.Provisional, found.Total, page,
            next, found.Total > 0 ? null : await views.NothingKnownAsync(ledger.Tenant, clocks.AsOf, cancel)), Table,
            next);
    }

    /// <summary>A line for each customer.</summary>
    internal static string Table(LoyaltyCustomersPage page) => s_table.Write(page.Items);

    private sealed record Found(int Total, IReadOnlyList<LoyalCustomer> Page);

    /// <summary>A customer that was asked for, and by what it is ranked.</summary>
    private sealed record Ranked(Guid CustomerId, Stage? Before, Fraction Trust, DateTimeOffset? Since);

    private async Task<(Found, long Position)> AskAsync(
        string tenant, Clocks clocks, IReadOnlySet<Guid>? among, Func<StandingRelationships, Found> answer,
        CancellationToken cancel)
    {
        if (among is not { Count: <= Few } || clocks.IsFolded)
        {
            return await standing.AskAtAsync<StandingRelationships, CountedPart, Found>(
                tenant, clocks, () => new(database, tenant), answer, cancel);
        }
        var few = new StandingRelationships(database, tenant);
        await few.ReadAsync(among.Select(StreamKind.Customer.StreamId), clocks.Known.Position, cancel);
        return (answer(few), few.Position);
    }

    /// <summary>Since when a stage lasts is reckoned of all only where they are ranked by it.</summary>
    private static Found Find(
        StandingRelationships all, Asked asked, TrustPolicies policies, bool bySince, int start, int limit)
    {
        var found = all.EachCustomer((id, facts) => Look(asked, policies, bySince, id, facts));
        var ranked = bySince
            ? found.OrderByDescending(c => c.Since).ThenBy(c => c.CustomerId)
            : found.OrderBy(c => c.Trust).ThenBy(c => c.CustomerId);
        return new(found.Count, [.. ranked.Skip(start).Take(limit).Select(
            c => all.Customer(c.CustomerId, facts => Shown(c, facts, policies, asked.Time)))]);
    }

    private static Ranked? Look(Asked asked, TrustPolicies policies, bool bySince, Guid id, LoyaltyFacts facts)
    {
        var time = asked.Time;
        if (asked.Among?.Contains(id) == false)
            return null;
        if (asked.Segment is not null && facts.Relationship.Segment != asked.Segment
            || !(facts.Relationship.RegisteredAt <= time))
        {
            return null;
        }
        var now = Standing.At(facts, policies, time);
        if (asked.Stages?.Contains(now.Stage) == false || asked.AnyRisk && now.Risks.IsEmpty
            || asked.Risk is { } risk && !now.Risks.Contains(risk))
        {
            return null;
        }
        var before = asked.Before is { } then ? CustomerCourse.StageAt(facts, policies, then, time) : null;
        if (asked.StagesBefore is { } wanted && !(before is { } was && wanted.Contains(was)))
            return null;
        return new(id, before, facts.TrustAt(policies, time).Score,
            bySince ? StageHistory.Since(StageHistory.Of(facts, policies, time)) : null);
    }

    private static LoyalCustomer Shown(
        Ranked ranked, LoyaltyFacts facts, TrustPolicies policies, DateTimeOffset time)
    {
        var (now, habit) = (Standing.At(facts, policies, time), BuyingHabit.At(facts.Purchases, time));
        return new(ranked.CustomerId, null, facts.Relationship.Segment, now.Stage,
            ranked.Since ?? StageHistory.Since(StageHistory.Of(facts, policies, time)), ranked.Before,
            Risk.Of(now, facts, policies, time), ranked.Trust.Round(4), habit.Occasions, habit.Last,
            [.. CustomerValue.ToDate(facts.Purchases, time).Values], "");
    }

    private async Task<IReadOnlyList<LoyalCustomer>> NamedAsync(
        TenantLedger ledger, IReadOnlyList<LoyalCustomer> page, Clocks clocks, long position,
        CancellationToken cancel)
    {
        var names = await views.NamesAsync(
            ledger, page.Select(c => StreamKind.Customer.StreamId(c.CustomerId)), position, cancel);
        return [.. page.Select(c => c with
        {
            Customer = names.GetValueOrDefault(StreamKind.Customer.StreamId(c.CustomerId)),
            Self = clocks.On($"/v1/customers/{c.CustomerId:D}/loyalty"),
        })];
    }

    private static HashSet<Stage>? Stages(Query query, string name)
    {
        if (query.Text(name) is not { } text)
            return null;
        var stages = new HashSet<Stage>();
        foreach (string word in text.Split(','))
        {
            int at = Array.IndexOf(s_stages, word);
            if (at < 0)
                query.Refuse(name, $"'{word}' is not one of {string.Join(", ", s_stages)}.");
            else
                stages.Add((Stage)at);
        }
        return stages;
    }
}
