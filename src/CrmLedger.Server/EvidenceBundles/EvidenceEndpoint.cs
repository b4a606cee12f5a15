using System.Buffers.Text;
using CrmLedger.EventStore.Checkpoints;
using CrmLedger.EventStore.Reading;
using CrmLedger.EventStore.Tenants;
using CrmLedger.Policies;
using CrmLedger.Promises;
using CrmLedger.Server.Commands;
using CrmLedger.Server.Customers;
using CrmLedger.Server.Problems;
using CrmLedger.Server.Security;
using CrmLedger.Server.Statements;
using CrmLedger.Server.Tenants;
using CrmLedger.Server.Views;
using CrmLedger.Transparency;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace CrmLedger.Server.EvidenceBundles;

/// <summary>Hands out evidence that is checked with no server and no network.</summary>
public sealed class EvidenceEndpoint(
    CheckpointSigner signer, LogKeys logKeys, EventReader reader, EvidenceBundle bundle)
{
    /// <summary>What a bundle is sent as; files of it are named *.evidence.</summary>
    public const string MediaType = "text/plain; charset=utf-8";

    private const int MostThrough = 100;

    /// <summary>Maps it.</summary>
    public static void Map(IEndpointRouteBuilder v1) =>
        v1.MapGet("/evidence", (HttpContext http, TenantLedgers ledgers, EvidenceEndpoint endpoint,
                CancellationToken cancel) => endpoint.WriteAsync(http, ledgers, cancel))
            .WithName("ExportEvidence").WithTags("Evidence").WithSummary("Export evidence to be checked offline")
            .WithDescription("One file with events, everything of the log's tree that is needed to compute its root "
                + "from them, and the checkpoint that was signed of it. crmledger verify bundle checks it with no "
                + "server and no network, and so can a few lines in any language. Personal text in it stays sealed. "
                + "With no parameter, the whole log.")
            .WithMetadata(new QueryMetadata(
                ("customer", "One customer's events, by id or by ref: and your reference, and the policies."),
                ("promise", "Only those of one promise of the customer."),
                ("from", "Every event recorded at or after this time."),
                ("to", "Every event recorded before this time."),
                ("statement", "What a signed statement (a signed note, in base64url) follows from: a customer's events "
                    + "or the whole log."),
                ("through", "Sizes of older checkpoints, separated by commas, that the bundle is to lead through, so "
                    + "that it can be held against them.")))
            .Produces<string>(StatusCodes.Status200OK, "text/plain").Needs(Scopes.Audit);

    private async Task<IResult> WriteAsync(HttpContext http, TenantLedgers ledgers, CancellationToken cancel)
    {
        var query = new Query(http, "customer", "promise", "from", "to", "statement", "through");
        var (customer, promise) = (query.Text("customer"), query.Text("promise"));
        var (from, to) = (query.Time("from"), query.Time("to"));
        var through = Sizes(query);
        var (note, statement) = StatementIn(query);
        if (note is not null && ((customer ?? promise) is not null || (from ?? to) is not null))
            query.Refuse("statement", "tells by itself what it follows from: leave the others out.");
        if (promise is not null && customer is null)
            query.Refuse("promise", "needs the customer whom it was made to.");
        if (customer is not null && (from ?? to) is not null)
            query.Refuse("customer", "does not go with from and to.");
        if (from >= to)
            query.Refuse("from", "must lie before to.");
        if (query.Problem is { } unasked)
            return LedgerProblems.Result(unasked);
        var ledger = await ledgers.GetAsync(http.Caller().Tenant);
        var signed = await signer.SignAsync(ledger.Keys, cancel);
        if (statement?.Question.TreeSize > signed.Checkpoint.Size)
        {
            return LedgerProblems.Result(
                Problem.Invalid(new FieldError("statement", "is about more events than the log has.")));
        }
        var scope = statement is not null ? ScopeOf(statement)
            : customer is not null
            ? await OfCustomerAsync(ledger, customer, promise, cancel)
            : (from ?? to) is not null
                ? await OfPeriodAsync(ledger.Tenant, from, to, signed.Checkpoint.Size, cancel)
                : new EvidenceScope.WholeLog();
        if (scope is null)
        {
            return LedgerProblems.Result(promise is null
                ? CustomerStreams.Unknown(customer!)
                : new(ProblemCodes.NotFound, $"There is no promise '{promise}' of the customer '{customer}'."));
        }
        var keys = (await logKeys.ListAsync(ledger.Keys, cancel)).Where(k => k.Origin == signed.Checkpoint.Origin)
            .Select(k => k.Signer.Verifier).ToList();
        var order = new EvidenceOrder(ledger.Tenant, scope, signed, keys, note is null ? [] : [note],
            statement is null ? through : [.. through, statement.Question.TreeSize]);
        http.Response.Headers.ContentDisposition = "attachment; filename=\"crmledger.evidence\"";
        return Results.Stream(to => bundle.WriteAsync(order, to, cancel), MediaType);
    }

    private static EvidenceScope ScopeOf(Statement statement) =>
        StatementRefold.Of(statement.Question).Stream is { } stream
            ? new EvidenceScope.Streams([stream, PolicyStream.StreamId])
            : new EvidenceScope.WholeLog();

    private static (SignedNote? Note, Statement? Statement) StatementIn(Query query)
    {
        if (query.Text("statement") is not { } text)
            return (null, null);
        try
        {
            var note = SignedNote.Parse(Base64Url.DecodeFromChars(text));
            var (_, statement) = Statement.Parse(note);
            _ = ScopeOf(statement);
            return (note, statement);
        }
        catch (FormatException unread)
        {
            query.Refuse("statement", $"is no statement of this version: {unread.Message}");
            return (null, null);
        }
    }

    private static List<long> Sizes(Query query)
    {
        var sizes = new List<long>();
        foreach (string text in query.Text("through")?.Split(',') ?? [])
        {
            if (long.TryParse(text, System.Globalization.NumberStyles.None,
                System.Globalization.CultureInfo.InvariantCulture, out long size) && sizes.Count < MostThrough)
            {
                sizes.Add(size);
            }
            else
            {
                query.Refuse("through", $"takes at most {MostThrough} sizes, separated by commas.");
                break;
            }
        }
        return sizes;
    }

    private async Task<EvidenceScope?> OfCustomerAsync(
        TenantLedger ledger, string customer, string? promise, CancellationToken cancel)
    {
        if (StreamAddress.Parse(StreamKind.Customer, customer, ledger.Keys) is not { } id)
            return null;
        string stream = StreamKind.Customer.StreamId(id);
        var events = await reader.ReadStreamAsync(ledger.Tenant, stream, new(), cancel);
        if (promise is null)
            return events.Count == 0 ? null : new EvidenceScope.Streams([stream, PolicyStream.StreamId]);
        return events.Exists(e => e.ToEnvelope().Data is IPromiseEvent of && of.PromiseId == promise)
            ? new EvidenceScope.Promise(stream, promise)
            : null;
    }

    private async Task<EvidenceScope> OfPeriodAsync(
        string tenant, DateTimeOffset? from, DateTimeOffset? to, long size, CancellationToken cancel)
    {
        // Times are whole microseconds: before a time is at or before the one that precedes it.
        async Task<long> EventsBeforeAsync(DateTimeOffset time) =>
            await reader.PositionAtAsync(tenant, time.Plus(TimeSpan.FromMicroseconds(-1)), cancel) + 1;
        long first = from is { } after ? await EventsBeforeAsync(after) : 0;
        long end = to is { } before ? Math.Min(size, await EventsBeforeAsync(before)) : size;
        return new EvidenceScope.Positions(Math.Min(first, end), end);
    }
}
