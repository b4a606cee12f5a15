using System.Reflection;
using System.Text;
using CrmLedger.Server.Problems;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace CrmLedger.Server.OpenApi;

/// <summary>What the document says before its operations: the ideas that all of them share.</summary>
internal sealed class DocumentDescription : IOpenApiDocumentTransformer
{
    private static readonly (string Name, string Description)[] s_tags =
    [
        ("Customers", "The other party of a relationship, and the whole story of it."),
        ("Touchpoints", "Interactions: calls, letters, visits, and how they went."),
        ("Promises", "What a member committed to do for the customer by a date. The first date is kept for ever."),
        ("Follow-ups", "Contacts that we owe the customer by a date."),
        ("Concerns", "What the customer is unhappy or worried about, until it is put right."),
        ("Feedback", "Scores and comments of the customer, and what came of them."),
        ("Preferences", "What the customer needs, and what was proposed for it."),
        ("Purchases", "What the customer bought and gave back."),
        ("Commitments", "What is owed by whom and by when, and who keeps their word."),
        ("Trust", "How far a customer can trust us, by what we did, and why."),
        ("Loyalty", "Whether customers stay: stages, milestones, retention, value, and who is at risk."),
        ("Satisfaction", "What customers say of us, and whether we listen."),
        ("Evidence", "Files that prove, with no server and no network, what the log holds and what follows from it."),
        ("Responsiveness", "How quickly customers hear from us and are helped."),
        ("Members", "The tenant's own people and their teams."),
        ("Annulments", "Corrections: an entry that was wrong stays in the log, and every view leaves it out."),
        ("Imports", "Files of the past, brought in with POST /v1/events under a declared import."),
        ("Policies", "The tenant's own rules, each from where it was adopted."),
        ("Events", "The log itself: batches in, pages and proofs out."),
        ("Operation", "How the ledger stands."),
    ];

    /// <inheritdoc />
    public Task TransformAsync(
        OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        document.Info = new()
        {
            Title = "CrmLedger",
            Version = typeof(DocumentDescription).Assembly.GetName().Version?.ToString(3) ?? "",
            Summary = "An event-sourced customer relationship ledger.",
            Description = Text(),
        };
        document.Components ??= new();
        document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal)
        {
            [OperationDescription.Bearer] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                BearerFormat = "crm_…",
                Description = "An API key: `Authorization: Bearer crm_…`. `crmledger keys create` makes one and shows "
                    + "it once. It names the tenant and carries scopes: `append`, `read`, `lead`, `audit`, or `admin` "
                    + "for all of them.",
            },
        };
        AnswerSchemas.Complete(document.Components.Schemas ?? new Dictionary<string, IOpenApiSchema>());
        // The operations are where the document was fetched; it names no host that a client could forge.
        document.Servers = [new() { Url = "/" }];
        var used = document.Paths.Values.SelectMany(p => p.Operations ?? [])
            .SelectMany(o => o.Value.Tags?.AsEnumerable() ?? [])
            .Select(t => t.Name).ToHashSet(StringComparer.Ordinal);
        document.Tags = s_tags.Where(t => used.Contains(t.Name))
            .Select(t => new OpenApiTag { Name = t.Name, Description = t.Description }).ToHashSet();
        return Task.CompletedTask;
    }

    private static string Text() =>
        $"""
        Every touchpoint, promise and follow-up between a business and its customers is recorded as an event that is
        never changed or removed; views are made from those events, and every event can be proved to be in the log.

        ## Two clocks

        `occurredAt` says when something happened: the client's claim, at most 5 minutes ahead of the server.
        `recordedAt` says when the ledger came to know it: the server's own, never decreasing. What is recorded within
        24 hours counts from `occurredAt`, what is recorded later from `recordedAt`, declared imports apart; so
        backdating gains nothing. Reads take `asOf` (what was known by then) and, where it makes sense, `until` (what
        had happened by then). Every answer names the `position` of the log that it reflects, and is `provisional`
        while more could still be recorded at or before its time. Give a command's `position` to a view as `atLeast`
        to see the command's effect. Times are RFC 3339 with an offset, and are answered in UTC with microseconds.

        ## Ids and references

        Customers and members have ids that say nothing. Wherever an address or a member field asks for one, `ref:`
        and your own reference will do: the same reference always finds the same customer or member. Ids of promises,
        touchpoints and other things are yours to choose, unique within their customer; left out, they are made for
        you and answered.

        ## Bodies

        The body of a command is read as JSON, whatever its `Content-Type` says and also without one, so that `curl -d`
        will do. `POST /v1/events` takes several forms and goes by the `Content-Type`. JSON is I-JSON in UTF-8.

        ## Retries

        Send an `Idempotency-Key` with a command, or name the event by `ce-source` and `ce-id` (`source` and `id` of a
        CloudEvent). Then the same request can be sent again after any failure: nothing is recorded twice. A success
        means that the event is on disk. `If-Match` with a stream's version refuses a command that was decided on an
        older state.

        ## Personal data

        Fields marked `x-personal` are sealed under the person's own key before they are stored and hashed. When a
        person is erased the key is destroyed: `[erased]` is read from then on, and every proof still holds.
        What is given to a key with scope lead, audit or admin is recorded: `GET /v1/customers/…/readings`.

        ## Problems

        Errors are `application/problem+json` (RFC 9457). `type` is `{LedgerProblems.TypeBase}` and one of these
        codes, which do not change; `errors` points at each field that was wrong.

        {ProblemTable()}
        ## CloudEvents

        `POST /v1/events` takes the same commands as events, each named by the event that it asks for. `data` holds
        the command's fields, those that stand in the address of the command's own operation included.

        {CloudEventDescription.Table()}
        """;

    private static string ProblemTable()
    {
        var own = typeof(ProblemCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(f => (string)f.GetRawConstantValue()!);
        var refusals = Enum.GetValues<RejectionCode>().Select(Problem.CodeOf);
        var table = new StringBuilder("| Status | Meaning | Codes |\n|---|---|---|\n");
        var rows = own.Concat(refusals).Select(code => (Code: code, Http: LedgerProblems.Http(code)))
            .GroupBy(c => c.Http).OrderBy(g => g.Key.Status).ThenBy(g => g.Key.Title, StringComparer.Ordinal);
        foreach (var row in rows)
        {
            string codes = string.Join(", ", row.Select(c => $"`{c.Code}`"));
            table.Append($"| {row.Key.Status} | {row.Key.Title} | {codes} |\n");
        }
        return table.ToString();
    }
}
