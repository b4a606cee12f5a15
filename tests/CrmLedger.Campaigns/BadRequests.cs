using System.Buffers.Text;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CrmLedger.PostgresTests.Http;
using CrmLedger.PostgresTests.OpenApi;

namespace CrmLedger.Campaigns;

/// <summary>What is in the ledger, so that requests get as far as they can before they are refused.</summary>
/// <param name="Customers">References; each has things with the ids of <see cref="CommandTable.Walk" />.</param>
/// <param name="Events">Ids of events.</param>
/// <param name="Key">A key with every scope.</param>
internal sealed record Ground(IReadOnlyList<string> Customers, IReadOnlyList<Guid> Events, string Key);

/// <summary>
/// Makes requests of the OpenAPI document: each operation's example, which is moved to where there is something, and
/// spoiled in one way or, now and then, in several. The same seed makes the same requests, whatever is answered.
/// </summary>
internal sealed class BadRequests(IReadOnlyList<Operation> operations, Ground ground, Random random)
{
    private const int RareIn = 200;

    private static readonly Dictionary<string, string[]> s_there = new()
    {
        ["memberId"] = ["ref:erik", "ref:maria"],
        ["promiseId"] = ["P-1", "P-2", "P-3", "P-4"],
        ["followUpId"] = ["F-1", "F-2"],
        ["concernId"] = ["C-1"],
        ["feedbackId"] = ["B-1"],
        ["solutionId"] = ["S-1", "S-2"],
        ["purchaseId"] = ["O-1"],
        ["touchpointId"] = ["T-1"],
        ["view"] = ["open_commitments", "kept_rate", "directory"],
    };

    private static readonly (string Media, string Form)[] s_forms =
    [
        ("application/cloudevents+json", "alone"), ("application/json", "alone"), ("application/jsonl", "lines"),
        ("application/cloudevents-batch+json", "list"), ("application/json", "list"),
    ];

    private static readonly string[] s_noEvents = ["null", "7", "\"x\"", "[]", "{}", "[[]]", "{\"data\":null}", "true"];

    private static readonly string[] s_unknown = ["x", "%00", "%ff", "tenant", "limit", "cursor", "$top", "a[b]"];

    /// <summary>A request as it is being made.</summary>
    private sealed class Making
    {
        public required Operation Operation { get; init; }

        public string Method { get; set; } = "";

        public Dictionary<string, string> Path { get; } = [];

        public List<(string Name, string Value)> Query { get; } = [];

        public List<(string Name, string Value)> Headers { get; } = [];

        public byte[]? Body { get; set; }

        public bool IsEndless { get; set; }

        public List<string> Wrong { get; } = [];

        public Foreseen? Foreseen { get; set; }
    }

    /// <summary>The next one.</summary>
    public BadRequest Next(int number)
    {
        // Every operation has its turn, and the one that takes every event by many forms has some more of them.
        var operation = random.Next(6) == 0
            ? operations.First(o => o.Id == "AppendEvents")
            : operations[number % operations.Count];
        var making = new Making { Operation = operation, Method = operation.Method.ToUpperInvariant() };
        making.Headers.Add(("Authorization", $"Bearer {ground.Key}"));
        making.Headers.Add(("Correlation-Id", $"request-{number}"));
        foreach (string name in operation.InPath.Keys)
            making.Path[name] = There(name);
        int ways = random.Next(5) == 0 ? 2 + random.Next(2) : 1;
        var kinds = Enumerable.Range(0, ways).Select(_ => random.Next(100)).ToList();
        if (operation.Method == "post" && operation.RequestContents.Any())
            AddBody(making, number, spoils: kinds.Exists(k => k < 68));
        foreach (int kind in kinds.Where(k => k >= 68 || making.Body is null))
            Spoil(making, kind);
        return Made(making, number, isAlone: ways == 1);
    }

    private BadRequest Made(Making making, int number, bool isAlone)
    {
        string path = making.Path.Aggregate(
            making.Operation.Path, (at, named) => at.Replace($"{{{named.Key}}}", named.Value));
        string query = string.Join('&', making.Query.Select(q => $"{q.Name}={q.Value}"));
        return new(number, making.Operation.Id, making.Method, path + (query.Length > 0 ? $"?{query}" : ""),
            making.Headers, making.Body, string.Join("; ", making.Wrong))
        {
            IsEndless = making.IsEndless && making.Body is not null,
            Foreseen = isAlone ? making.Foreseen : null,
        };
    }

    private void AddBody(Making making, int number, bool spoils)
    {
        if (making.Operation.Id == "AppendEvents")
        {
            AddEvents(making, number, spoils);
            return;
        }
        var media = making.Operation.RequestContents.First(c => c.Name == "request application/json").Media;
        var schema = SchemaCheck.Resolve(making.Operation.Document, media["schema"]!.AsObject());
        var body = media["example"]?.DeepClone().AsObject() ?? [];
        Ground(body);
        making.Headers.Add(("Content-Type", "application/json"));
        making.Body = Spoiled(making, new BadBodies(random, body, body, schema, ""), spoils);
    }

    private byte[] Spoiled(Making making, BadBodies bodies, bool spoils)
    {
        if (!spoils)
            return bodies.Written();
        byte[] body = bodies.Spoil(random.Next(RareIn) == 0);
        making.Wrong.Add(bodies.Wrong);
        making.Foreseen = bodies.Foreseen;
        making.IsEndless = bodies.IsEndless;
        return body;
    }

    /// <summary>Puts ids of what is there for those of the examples.</summary>
    private void Ground(JsonObject body)
    {
        body.Remove("occurredAt");
        foreach (string name in body.Select(p => p.Key).ToList())
        {
            if (name.EndsWith("emberId", StringComparison.Ordinal))
                body[name] = Of(s_there["memberId"]);
            else if (name == "customerId")
                body[name] = $"ref:{Of(ground.Customers)}";
            else if (name == "eventId")
                body[name] = Of(ground.Events).ToString();
            else if (s_there.TryGetValue(name, out string[]? there))
                body[name] = random.Next(2) == 0 ? Of(there) : $"N-{random.Next(1_000_000)}";
            else if (name == "reference")
                body[name] = $"n{random.Next(1_000_000)}";
        }
    }

    private void AddEvents(Making making, int number, bool spoils)
    {
        var row = Of(CommandTable.Walk);
        var data = (JsonObject)row.Data.DeepClone();
        Ground(data);
        string subject = row.Subject.StartsWith("customer/", StringComparison.Ordinal) && !data.ContainsKey("reference")
            ? $"customer/{Of(ground.Customers)}"
            : data["reference"] is { } reference ? $"{row.Subject.Split('/')[0]}/{reference}" : row.Subject;
        var cloudEvent = new JsonObject
        {
            ["specversion"] = "1.0",
            ["id"] = random.Next(4) == 0 ? $"again-{random.Next(20)}" : $"{number}-{random.Next()}",
            ["source"] = "campaign",
            ["type"] = row.Event,
            ["subject"] = subject,
            ["correlationid"] = $"request-{number}",
            ["data"] = data,
        };
        var (media, form) = Of(s_forms);
        making.Headers.Add(("Content-Type", media));
        JsonNode body = form == "list" ? ListOf(cloudEvent, making) : cloudEvent;
        var schemas = making.Operation.Document["components"]!["schemas"]!;
        bool inData = random.Next(2) == 0;
        // The attributes' schema takes extensions, so only what is asked for can be told to be wrong.
        var bodies = inData
            ? new BadBodies(random, body, data, SchemaOfData(making.Operation.Document, row), "/data")
            : new BadBodies(random, body, cloudEvent, schemas["CloudEvent"]!.AsObject(), "");
        byte[] written = Spoiled(making, bodies, spoils);
        if (form != "alone" || !inData)
            making.Foreseen = null;
        if (form == "lines" && random.Next(2) == 0)
            written = [.. written, (byte)'\n', .. written];
        making.Body = written;
        if (random.Next(4) == 0)
            making.Query.Add((Of(["atomic", "items"]), Of(["true", "false", "rejected", "all", "x"])));
        if (making.Query.Count > 0)
            making.Foreseen = null;
    }

    /// <summary>A list of it, now and then with others beside it, or with the same one again.</summary>
    private JsonArray ListOf(JsonObject cloudEvent, Making making)
    {
        JsonArray list = [cloudEvent];
        if (random.Next(3) > 0)
            return list;
        making.Wrong.Add("others in the list");
        for (int i = random.Next(1, 6); i > 0; i--)
            list.Add(random.Next(2) == 0 ? cloudEvent.DeepClone() : JsonNode.Parse(Of(s_noEvents)));
        if (random.Next(20) == 0)
            list = [cloudEvent.DeepClone(), .. Enumerable.Repeat("{}", 5_000).Select(o => JsonNode.Parse(o))];
        return list;
    }

    /// <summary>The schema of the same command's body, where the address names a part of it.</summary>
    private JsonObject SchemaOfData(JsonObject document, CommandRow row)
    {
        string path = Regex.Replace(
            row.Path, "(?<=^customers/|^members/)ref:[a-z0-9]+", "{id}", RegexOptions.None, TimeSpan.FromSeconds(1));
        int parts = path.Split('/').Length;
        string last = path.Split('/')[^1];
        var operation = operations.FirstOrDefault(o => o.Method == "post" && o.Path.EndsWith($"/{last}")
            && o.Path.Split('/').Length == parts + 2 && o.Path.Split('/')[2] == path.Split('/')[0]);
        var media = operation?.RequestContents.First(c => c.Name == "request application/json").Media;
        var schema = media is null ? [] : SchemaCheck.Resolve(document, media["schema"]!.AsObject());
        var withoutTime = (JsonObject)schema.DeepClone();
        withoutTime["properties"]?.AsObject().Remove("occurredAt");
        return withoutTime;
    }

    private void Spoil(Making making, int kind)
    {
        if (making.Foreseen is not null)
            making.Foreseen = null;
        if (kind % 8 < 3)
            SpoilHeader(making);
        else if (kind % 8 < 5 && making.Path.Count > 0)
            SpoilPath(making);
        else if (kind % 8 < 7)
            SpoilQuery(making);
        else
            SpoilMethod(making);
    }

    private void SpoilHeader(Making making)
    {
        // Half of the time it is one that decides what becomes of a command.
        var (name, values) = OddValues.Headers[random.Next(random.Next(2) == 0 ? 4 : OddValues.Headers.Length)];
        string value = Of(values);
        // Keys and ids that were used before, by another request or by the same one.
        if (name == "Idempotency-Key" && random.Next(2) == 0)
            value = $"\"key-{random.Next(30)}\"";
        making.Headers.RemoveAll(h => h.Name == name);
        making.Headers.Add((name, value));
        if (name is "ce-id" or "ce-source" && random.Next(3) > 0)
        {
            making.Headers.RemoveAll(h => h.Name is "ce-id" or "ce-source");
            making.Headers.Add(("ce-source", "campaign"));
            making.Headers.Add(("ce-id", $"again-{random.Next(20)}"));
        }
        making.Wrong.Add($"{name}: {value[..Math.Min(60, value.Length)]}");
    }

    private void SpoilPath(Making making)
    {
        string name = making.Path.Keys.ElementAt(random.Next(making.Path.Count));
        string part = Of(OddValues.PathParts);
        making.Path[name] = part;
        making.Wrong.Add($"{name} is {part[..Math.Min(60, part.Length)]}");
    }

    private void SpoilQuery(Making making)
    {
        string[] known = [.. making.Operation.Parameters.Where(p => p["in"]!.GetValue<string>() == "query")
            .Select(p => p["name"]!.GetValue<string>())];
        for (int i = random.Next(1, 4); i > 0; i--)
        {
            bool isKnown = known.Length > 0 && random.Next(5) > 0;
            string name = isKnown ? Of(known) : Of(s_unknown);
            string value = Of(OddValues.QueryValues);
            // A view is waited for, five seconds long: that answer is looked at elsewhere.
            if (name == "atLeast" && value.Length > 3 && value.All(char.IsAsciiDigit))
                value = "1";
            if (name == "cursor" && random.Next(4) > 0)
                value = Base64Url.EncodeToString(Encoding.UTF8.GetBytes(Of(OddValues.Cursors)));
            making.Query.Add((name, value));
            if (!isKnown && char.IsAsciiLetter(name[0]) && !known.Contains(name))
                making.Foreseen = new("invalid_request", name);
        }
        making.Wrong.Add("its query");
    }

    private void SpoilMethod(Making making)
    {
        making.Method = Of(["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "get", "QUERY", "X-Y", "TRACE"]);
        if (making.Method is "TRACE" or "GET" or "get")
            making.Body = null;
        making.Wrong.Add($"method {making.Method}");
    }

    private string There(string name) => name switch
    {
        "customerId" => $"ref:{Of(ground.Customers)}",
        "eventId" => Of(ground.Events).ToString(),
        "importId" => new Guid(random.Next(), 1, 2, [0, 0, 0, 0, 0, 0, 0, 0]).ToString(),
        _ => s_there.TryGetValue(name, out string[]? there) ? Of(there) : "x",
    };

    private T Of<T>(IReadOnlyList<T> values) => values[random.Next(values.Count)];
}
