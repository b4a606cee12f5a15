using System.Text.Json;
using System.Text.Json.Nodes;
using CrmLedger.EventStore.Views;
using CrmLedger.Server.Commands;
using CrmLedger.Server.Commitments;
using CrmLedger.Server.Customers;
using CrmLedger.Server.Events;
using CrmLedger.Server.Log;
using CrmLedger.Server.Loyalty;
using CrmLedger.Server.Problems;
using CrmLedger.Server.Responsiveness;
using CrmLedger.Server.Satisfaction;
using CrmLedger.Server.Touchpoints;
using CrmLedger.Server.Trust;
using CrmLedger.Server.Views;
using CrmLedger.Transparency;
using Microsoft.OpenApi;

namespace CrmLedger.Server.OpenApi;

/// <summary>Every answer that one operation can give: its own, with an example and headers, and the problems.</summary>
/// <param name="document">The document that it stands in.</param>
/// <param name="problemBody">The schema of a problem.</param>
/// <param name="refusedBatch">The schema of the problem of an atomic batch.</param>
internal sealed class ResponseDescriptions(
    OpenApiDocument document, OpenApiSchema problemBody, OpenApiSchema refusedBatch)
{
    /// <summary>The statuses whose problem is the same for every operation.</summary>
    private static readonly int[] s_alike = [400, 401, 412, 413, 415, 500, 503, 504];

    private const string Json = "application/json";
    private const string Csv = Answers.CsvType;

    /// <summary>The view that an answer is from, which its ETag names.</summary>
    private static readonly Dictionary<Type, string> s_viewOf = new()
    {
        [typeof(OpenCommitmentsPage)] = OpenCommitmentsView.ViewName,
        [typeof(DueAnswer)] = OpenCommitmentsView.ViewName,
        [typeof(KeptRateAnswer)] = KeptRateView.ViewName,
        [typeof(KeptRateChangeAnswer)] = KeptRateView.ViewName,
        [typeof(KeptRateRanking)] = KeptRateView.ViewName,
        [typeof(KeptRatePage)] = KeptRateView.ViewName,
        [typeof(DiffPage)] = KeptRateView.ViewName,
        [typeof(TrustAnswer)] = RelationshipsView.ViewName,
        [typeof(TrustRanking)] = RelationshipsView.ViewName,
        [typeof(LoyaltyAnswer)] = RelationshipsView.ViewName,
        [typeof(LoyaltyCountAnswer)] = RelationshipsView.ViewName,
        [typeof(LoyaltyCustomersPage)] = RelationshipsView.ViewName,
        [typeof(SatisfactionAnswer)] = RelationshipsView.ViewName,
        [typeof(FeedbackPage)] = RelationshipsView.ViewName,
        [typeof(ResponsivenessAnswer)] = RelationshipsView.ViewName,
        [typeof(QuietCustomers)] = TouchpointsView.ViewName,
        [typeof(PracticesAnswer)] = TouchpointsView.ViewName,
    };

    private const string ProblemJson = "application/problem+json";

    /// <summary>The type of its answer.</summary>
    public required Type? Answer { get; init; }

    /// <summary>The command that it takes, or null.</summary>
    public required CommandMetadata? Command { get; init; }

    /// <summary>The parameters of its address.</summary>
    public required IReadOnlyList<string> InPath { get; init; }

    /// <summary>The scopes of which its caller needs one.</summary>
    public required IReadOnlyList<string> Scopes { get; init; }

    /// <summary>The parameters of its query.</summary>
    public required IReadOnlyList<string> Query { get; init; }

    /// <summary>Writes them into the operation.</summary>
    public void Describe(OpenApiOperation operation)
    {
        operation.Responses ??= [];
        if (Answer == typeof(CommandAnswer))
            operation.Responses = DescribeCommand(operation.Responses);
        else if (Answer is not null)
            DescribeAnswer((OpenApiResponse)operation.Responses["200"]);
        foreach (int status in Statuses())
            operation.Responses[status.ToString()] = s_alike.Contains(status) ? Shared(status) : Problem(status);
        // The problem of an atomic batch tells every event's own.
        if (Answer == typeof(BulkAnswer) && operation.Responses["422"] is OpenApiResponse refused)
        {
            refused.Content![ProblemJson] = new()
            {
                Schema = new OpenApiSchema
                {
                    AnyOf = [ProblemSchema(nameof(RefusedBatch), refusedBatch), ProblemSchema()],
                },
                Example = ExampleAnswers.Refused(),
            };
        }
    }

    private OpenApiResponses DescribeCommand(OpenApiResponses found)
    {
        bool creates = StreamAddress.BringsIn(Command!.Command)
            || CommandShape.Of(Command.Command).Fields.Any(f => f.IsNewId);
        var responses = new OpenApiResponses();
        foreach (var (status, response) in found.Where(r => r.Key == (creates ? "201" : "200")))
        {
            responses[status] = response;
            var described = (OpenApiResponse)response;
            described.Description = "It is recorded: on disk, in the log's order, and part of its tree. Sent again, it "
                + "is answered as it was first (`replayed`), and nothing new is recorded.";
            described.Headers = new Dictionary<string, IOpenApiHeader>(StringComparer.Ordinal)
            {
                ["ETag"] = Header("The stream's version afterwards; send it as If-Match.", "\"7\""),
                ["Location"] = Header("The first event recorded.", $"/v1/events/{ExampleLedger.Event:D}"),
                ["Idempotent-Replayed"] = Header("`true` when this answers a repetition.", "true"),
            };
            described.Content![Json].Example = JsonSerializer.SerializeToNode(
                ExampleLedger.Answer(Command.Command, Command.Example, InPath.Contains("memberId")),
                LedgerJson.Options);
        }
        return responses;
    }

    private static OpenApiMediaType TextOf(string example) => new()
    {
        Schema = new OpenApiSchema { Type = JsonSchemaType.String },
        Example = JsonValue.Create(example),
    };

    private void DescribeAnswer(OpenApiResponse response)
    {
        if (Answer == typeof(string))
        {
            response.Description = "The bundle, line by line, as crmledger verify bundle reads it.";
            response.Content![LogEndpoints.ProofType] = TextOf($"{EvidenceWalk.Header}\nabout log\nkey …\n"
                + "checkpoint …\nevent {\"data\":{…},\"headers\":{…},\"id\":\"…\",\"position\":0,…}\nnode 3 …\n");
            return;
        }
        response.Description = XmlDocs.Of(Answer!) ?? response.Description;
        response.Content![Json].Example = ExampleAnswers.Of(Answer!);
        if (response.Content.ContainsKey(Csv))
        {
            response.Content[Csv] = new()
            {
                Schema = new OpenApiSchema { Type = JsonSchemaType.String },
                Example = ExampleAnswers.Table(Answer!),
            };
        }
        if (response.Content.ContainsKey(LogEndpoints.ProofType))
        {
            response.Content[LogEndpoints.ProofType] = TextOf(
                "c2sp.org/tlog-proof@v1\nindex 2\n…\n\n" + ExampleLedger.Checkpoint);
        }
        bool isOfStream = Answer == typeof(HistoryPage) || Answer == typeof(PromisePage)
            || Answer == typeof(CustomerCommitments);
        string? etag = isOfStream ? "\"7\""
            : s_viewOf.TryGetValue(Answer!, out string? view)
                ? $"W/\"{view}-v{LedgerViews.Find(view)!.Version}-48218-2027-03-02T08:00:00.000000Z\""
            : null;
        if (etag is null)
            return;
        response.Headers = new Dictionary<string, IOpenApiHeader>(StringComparer.Ordinal)
        {
            ["ETag"] = Header(etag == "\"7\""
                ? "The stream's version at the bounds asked for; send it as If-Match."
                : "The view, the version of its fold, the position that it reflects and the time asked about.", etag),
        };
        if (response.Content.ContainsKey(Csv) && Query.Contains("cursor"))
        {
            response.Headers["Link"] = Header("Of a table that has a next page: where that one is.",
                "<?format=csv&cursor=eyJkdWUiOiIyMDI3In0>; rel=\"next\"");
        }
    }

    private IEnumerable<int> Statuses()
    {
        bool isBatch = Answer == typeof(BulkAnswer);
        bool hasBody = Command is not null || isBatch;
        return new (int Status, bool Given)[]
        {
            (400, hasBody), (401, true), (403, true), (404, InPath.Count > 0 || isBatch),
            (409, hasBody || InPath.Contains("view")), (412, Answer == typeof(CommandAnswer)),
            (413, hasBody), (415, isBatch), (422, true), (500, true), (503, true),
            (504, Query.Contains("atLeast")),
        }.Where(s => s.Given).Select(s => s.Status);
    }

    private OpenApiResponseReference Shared(int status)
    {
        string name = $"Problem{status}";
        document.Components ??= new();
        document.Components.Responses ??= new Dictionary<string, IOpenApiResponse>(StringComparer.Ordinal);
        if (!document.Components.Responses.ContainsKey(name))
            document.AddComponent<IOpenApiResponse>(name, Problem(status));
        return new(name, document);
    }

    private OpenApiResponse Problem(int status)
    {
        var (meaning, problem) = Example(status);
        var body = JsonSerializer.SerializeToNode(LedgerProblems.Body(problem), LedgerJson.Options);
        var response = new OpenApiResponse
        {
            Description = meaning,
            Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal)
            {
                [ProblemJson] = new() { Schema = ProblemSchema(), Example = body },
            },
        };
        if (status == 401)
            response.Headers = One("WWW-Authenticate", Header("How to send the key.", "Bearer realm=\"crmledger\""));
        if (status is 409 or 503 or 504)
            response.Headers = One("Retry-After", Header("Seconds after which to try again, where that helps.", "1"));
        return response;
    }

    private (string Meaning, Problem Problem) Example(int status) => status switch
    {
        400 => ("The body is not JSON that the ledger takes: I-JSON, without duplicate keys.",
            new(ProblemCodes.NotJson, "The body must be a JSON object.", [new("", "must be an object.")])),
        401 => ("No valid key was sent.",
            new(ProblemCodes.Unauthenticated, "Send a key as 'Authorization: Bearer crm_…'.")),
        403 => ("The key has none of the scopes that this needs.",
            new(ProblemCodes.Forbidden, $"This takes a key with scope {Scopes[0]}; this one has none.")),
        404 => NotFound(),
        409 => Conflict(),
        412 => ("The stream has moved on since the version in If-Match.",
            new(ProblemCodes.StaleVersion, "The stream is at version 9, not 7. Read it again and decide anew.")),
        413 => ("The body is too large.",
            new(ProblemCodes.TooLarge, "The body is larger than is taken here. Send less at a time.")),
        415 => ("The content type is not one of those above.", new(ProblemCodes.UnsupportedMediaType,
            "Send application/cloudevents+json, application/cloudevents-batch+json or application/jsonl.")),
        422 => ("What was sent does not fit: every field that is wrong is named.", Invalid()),
        503 => ("The ledger is busy or cannot reach its database. Send the same request again.",
            new(ProblemCodes.Unavailable,
                "The database cannot be reached or cannot write. Send the same request again later.",
                RetryAfterSeconds: 2)),
        504 => ("The view did not come to the position in `atLeast` within 5 seconds.", new(ProblemCodes.NotYetVisible,
            "View 'kept-rate' reflects position 48216, not yet 48218. Ask again.", RetryAfterSeconds: 1)),
        _ => ("Something went wrong in the ledger; its log says what.",
            new(ProblemCodes.Internal, "The request could not be handled; the server's log says why.")),
    };

    private (string, Problem) NotFound()
    {
        return (InPath.Count > 0 ? InPath[0] : null) switch
        {
            null => ("The event, sent alone, is about somebody or something that there is not.",
                Problems.Problem.Of(new(RejectionCode.CustomerUnknown,
                    "There is no such customer. Register the customer first."))),
            "customerId" => ("There is no such customer, or no such thing of theirs.",
                Problems.Problem.Of(new(RejectionCode.CustomerUnknown,
                    "There is no customer 'ref:anna@example.org'. Name one by its id, or by ref: and your "
                    + "reference."))),
            "memberId" => ("There is no such member.",
                Problems.Problem.Of(new(RejectionCode.MemberUnknown,
                    "There is no such member. Let the member join first."))),
            "importId" => ("There is no such import.",
                Problems.Problem.Of(new(RejectionCode.ImportUnknown, "There is no such import. Declare it first.",
                    "importId"))),
            "eventId" => ("There is no such event.",
                new(ProblemCodes.NotFound, $"There is no event {ExampleLedger.Event:D}.")),
            _ => ("There is nothing at this address.", new(ProblemCodes.NotFound, "There is no view 'kept'.")),
        };
    }

    private (string, Problem) Conflict() => Answer == typeof(BulkAnswer)
        ? ("The event, sent alone, cannot be after what has happened; or others changed a stream of an atomic batch.",
            WriteLoop.Contended)
        : Command is null
        ? ("A rebuild of this view is running already.",
            new(ProblemCodes.Contended, "View 'kept-rate' is being rebuilt already.", RetryAfterSeconds: 5))
        : ("It cannot be after what has happened (the code says why), the event's id or the Idempotency-Key is in use, "
            + "or too many requests change the same stream.",
            new(ProblemCodes.KeyInUse, "The first request with this key is still running. Ask again.",
                RetryAfterSeconds: 1));

    private Problem Invalid()
    {
        if (Answer == typeof(BulkAnswer))
            return Problems.Problem.Invalid(new FieldError("", "must be a list of CloudEvents."));
        if (Query.Contains("after"))
            return Problems.Problem.Invalid(new FieldError("limit", "must be from 1 to 5000."));
        if (Command is null)
        {
            return Problems.Problem.Invalid(new FieldError("colour", Query.Count == 0
                ? "there is no such parameter; this takes none."
                : $"there is no such parameter; there are {string.Join(", ", Query)}."));
        }
        var missing = CommandShape.Of(Command.Command).Fields
            .FirstOrDefault(f => f.Required && !InPath.Contains(f.Name));
        return Problems.Problem.Invalid(missing is not null
            ? new FieldError($"/{missing.Name}", "is missing.")
            : new FieldError("/occurredAt", "must be a time with its offset, for example \"2026-03-02T09:30:00Z\"."));
    }

    private OpenApiSchemaReference ProblemSchema() => ProblemSchema(nameof(ProblemBody), problemBody);

    private OpenApiSchemaReference ProblemSchema(string name, OpenApiSchema schema)
    {
        document.Components ??= new();
        document.Components.Schemas ??= new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal);
        if (!document.Components.Schemas.ContainsKey(name))
            document.AddComponent<IOpenApiSchema>(name, schema);
        return new(name, document);
    }

    private static OpenApiHeader Header(string description, string example) => new()
    {
        Description = description,
        Schema = new OpenApiSchema { Type = JsonSchemaType.String },
        Example = JsonValue.Create(example),
    };

    private static Dictionary<string, IOpenApiHeader> One(string name, IOpenApiHeader header) =>
        new(StringComparer.Ordinal) { [name] = header };
}
