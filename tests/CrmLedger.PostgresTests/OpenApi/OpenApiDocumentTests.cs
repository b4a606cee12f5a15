using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CrmLedger.Customers;
using CrmLedger.EventStore.Privacy;
using CrmLedger.Imports;
using CrmLedger.Server.Commands;
using CrmLedger.Server.Problems;

namespace CrmLedger.PostgresTests.OpenApi;

/// <summary>Walks the whole document, so that no operation is added without its description and its examples.</summary>
public class OpenApiDocumentTests(DescribedServer server) : IClassFixture<DescribedServer>
{
    private static readonly TenantKeys s_keys = new("test", WrappingKeys.None, new byte[32]);
    private static readonly string[] s_streams = ["customerId", "memberId"];
    private static readonly string[] s_texts = ["summary", "description", "operationId"];

    [Fact]
    public void It_is_an_OpenAPI_3_1_document_of_every_command()
    {
        server.Document["openapi"]!.GetValue<string>().ShouldStartWith("3.1");
        server.Document["info"]!["title"]!.GetValue<string>().ShouldBe("CrmLedger");
        var described = server.Operations.Select(o => o.Id).ToList();
        described.ShouldBeUnique();
        LedgerCommands.EventNames.Select(e => LedgerCommands.ForEvent(e)!.Name).Except(described).ShouldBeEmpty();
    }

    [Fact]
    public void Every_operation_says_what_it_is_and_who_may_use_it() => Broken(o =>
    [
        .. s_texts.Where(f => o.Text(f).Length == 0).Select(f => $"has no {f}"),
        .. o.Text("description").Contains("Needs scope: ") ? Array.Empty<string>() : ["names no scope"],
        .. o.Json["security"]?[0]?["bearer"] is null ? ["has no security"] : Array.Empty<string>(),
        .. o.Json["tags"] is JsonArray { Count: > 0 } ? Array.Empty<string>() : ["has no tag"],
    ]);

    [Fact]
    public void A_summary_is_the_endpoints_own_and_not_the_handlers_documentation() =>
        server.Operations.Single(o => o.Id == nameof(DeclareImport)).Text("summary").ShouldBe("Declare an import");

    [Fact]
    public void Every_tag_is_described()
    {
        var described = server.Document["tags"]!.AsArray()
            .Where(t => t!["description"]?.GetValue<string>() is { Length: > 0 })
            .Select(t => t!["name"]!.GetValue<string>());
        server.Operations.SelectMany(o => o.Json["tags"]!.AsArray()).Select(t => t!.GetValue<string>())
            .Except(described).ShouldBeEmpty();
    }

    [Fact]
    public void Every_parameter_is_described_and_those_of_the_path_are_all_there() => Broken(o =>
    [
        .. o.Parameters.Where(p => p["description"]?.GetValue<string>() is not { Length: > 0 } || p["schema"] is null)
            .Select(p => $"does not describe {p["name"]}"),
        .. Regex.Matches(o.Path, @"(?<=\{)\w+(?=\})", RegexOptions.None, TimeSpan.FromSeconds(1))
            .Select(m => m.Value).Except(o.InPath.Keys).Select(p => $"does not know {p}"),
    ]);

    [Fact]
    public void Every_request_and_every_answer_has_an_example() => Broken(o => o.Contents
        .Where(c => c.Media["example"] is null).Select(c => $"{c.Name} has no example")
        .Concat(o.ResponseContents.Any(c => c.Name.StartsWith('2')) ? [] : ["has no answer"]));

    [Fact]
    public void Every_example_fits_its_schema() => Broken(o => o.Contents
        .SelectMany(c => SchemaCheck.Errors(server.Document, c.Media["schema"], c.Media["example"], c.Name)));

    [Fact]
    public void Every_request_example_is_read_as_its_command() => Broken(o =>
    {
        var media = o.RequestContents.FirstOrDefault(c => c.Name == "request application/json").Media;
        if (media is null)
            return [];
        var command = LedgerCommands.EventNames.Select(e => LedgerCommands.ForEvent(e)!).Append(typeof(EraseCustomer))
            .Single(c => c.Name == o.Id.Replace("OfMember", ""));
        var inAddress = o.InPath.Where(p => !s_streams.Contains(p.Key)).ToDictionary();
        bool takesTime = command != typeof(DeclareImport) && command != typeof(EraseCustomer);
        return Errors(command, media["example"]!, inAddress, takesTime);
    });

    [Fact]
    public void Every_CloudEvent_example_is_read_as_its_command()
    {
        var contents = server.Operations.Single(o => o.Id == "AppendEvents").RequestContents
            .ToDictionary(c => c.Name, c => c.Media["example"]!);
        contents.Keys.ShouldBe(["request application/cloudevents+json", "request application/cloudevents-batch+json",
            "request application/jsonl"]);
        JsonNode[] lines = [.. contents["request application/jsonl"].GetValue<string>()
            .Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonNode.Parse(l)!)];
        JsonNode[] events =
        [
            contents["request application/cloudevents+json"],
            .. contents["request application/cloudevents-batch+json"].AsArray()!, .. lines,
        ];
        events.Length.ShouldBe(5);
        var schema = new JsonObject { ["$ref"] = "#/components/schemas/CloudEvent" };
        foreach (var e in events)
        {
            var command = LedgerCommands.ForEvent(e["type"]!.GetValue<string>()).ShouldNotBeNull();
            Errors(command, e["data"]!, []).Concat(SchemaCheck.Errors(server.Document, schema, e)).ShouldBeEmpty();
        }
    }

    [Fact]
    public void Every_problem_has_the_status_under_which_it_stands() => Broken(o => o.ResponseContents
        .Where(c => c.Name.EndsWith("/problem+json", StringComparison.Ordinal))
        .Where(c => c.Name[..3] != c.Media["example"]!["status"]!.ToString() || c.Name[0] is not ('4' or '5'))
        .Select(c => $"{c.Name} shows {c.Media["example"]!["type"]}"));

    [Fact]
    public void Every_code_and_every_event_that_can_be_asked_for_is_listed()
    {
        string text = server.Document["info"]!["description"]!.GetValue<string>();
        var codes = Enum.GetNames<RejectionCode>().Select(JsonNamingPolicy.SnakeCaseLower.ConvertName)
            .Concat([ProblemCodes.Invalid, ProblemCodes.StaleVersion, ProblemCodes.Internal]);
        codes.Where(c => !text.Contains($"`{c}`")).ShouldBeEmpty();
        LedgerCommands.EventNames.Where(e => StreamKind.Of(LedgerCommands.ForEvent(e)!).HasSubject)
            .Where(e => !text.Contains($"| `{e}` |")).ShouldBeEmpty();
        text.ShouldContain("**conditions**, **dueAt**, **memberId**, team");
    }

    [Fact]
    public void A_body_is_described_as_it_is_read()
    {
        var promise = server.Document["components"]!["schemas"]!["MakePromise"]!;
        promise["required"]!.AsArray().Select(r => r!.GetValue<string>())
            .ShouldBe(["kind", "conditions", "dueAt", "memberId"], ignoreOrder: true);
        var conditions = promise["properties"]!["conditions"]!;
        conditions["maxLength"]!.GetValue<int>().ShouldBe(4000);
        conditions["x-personal"]!.GetValue<bool>().ShouldBeTrue();
        conditions["description"]!.GetValue<string>()
            .ShouldBe("What will be true when it is kept. Personal data: sealed before it is stored.");
        promise["properties"]!["channel"]!["enum"]!.AsArray().Select(w => w!.GetValue<string>()).ShouldContain("phone");
        promise["properties"]!["occurredAt"]!["format"]!.GetValue<string>().ShouldBe("date-time");
        var purchase = server.Document["components"]!["schemas"]!["RecordPurchase"]!["properties"]!;
        purchase["currency"]!["pattern"]!.GetValue<string>().ShouldBe("^[A-Z]{3}$");
        purchase["amountMinor"]!["maximum"]!.GetValue<long>().ShouldBe(1L << 53);
        // The address names the promise; another customer of the same field name stays in the body.
        server.Document["components"]!["schemas"]!["DisputePromise"]!["properties"]!["promiseId"].ShouldBeNull();
        server.Document["components"]!["schemas"]!["MergeCustomer"]!["properties"]!["customerId"].ShouldNotBeNull();
        server.Document["components"]!["schemas"]![nameof(DeclareImport)]!["properties"]!["occurredAt"].ShouldBeNull();
    }

    [Fact]
    public async Task The_page_takes_the_key_and_loads_nothing_from_elsewhere()
    {
        string page = await server.ReadAsync("/docs/index.html");
        var loaded = Regex.Matches(page, "(?<=src=\"|href=\")[^\"]+", RegexOptions.None, TimeSpan.FromSeconds(1))
            .Select(m => m.Value).ToList();
        loaded.ShouldNotBeEmpty();
        loaded.Where(l => l.Contains("//")).ShouldBeEmpty();
        foreach (string asset in loaded)
            await server.ReadAsync($"/docs/{asset.Replace("./", "")}");
        string script = await server.ReadAsync("/docs/index.js");
        (page + script).ShouldContain("/openapi/v1.json");
        (page + script).ShouldNotContain("validator.swagger.io");
        var scheme = server.Document["components"]!["securitySchemes"]!["bearer"]!;
        scheme["type"]!.GetValue<string>().ShouldBe("http");
        scheme["scheme"]!.GetValue<string>().ShouldBe("bearer");
    }

    [Fact]
    public void An_answer_is_described_as_it_is_written()
    {
        var schemas = server.Document["components"]!["schemas"]!;
        schemas["Share"]!["description"]!.GetValue<string>().ShouldStartWith("A share that names its denominator");
        schemas["Share"]!["properties"]!["rate"]!["type"]!.ToJsonString().ShouldContain("null");
        schemas["Share"]!["required"]!.AsArray().Count.ShouldBe(5);
        var item = schemas["OpenItem"]!;
        item["properties"]!["firstDue"]!["type"]!.GetValue<string>().ShouldBe("string");
        item["properties"]!["conditions"]!["type"]!.GetValue<string>().ShouldBe("string");
        item["properties"]!["customer"]!["$ref"]!.GetValue<string>().ShouldBe("#/components/schemas/Named");
        item["required"]!.AsArray().Select(r => r!.GetValue<string>()).ShouldNotContain("conditions");
        schemas["PromiseStatus"]!["enum"]!.AsArray().Select(w => w!.GetValue<string>()).ShouldContain("renegotiating");
        server.Document["servers"]!.ToJsonString().ShouldBe("[{\"url\":\"/\"}]");
    }

    private static IEnumerable<string> Errors(
        Type command, JsonNode body, Dictionary<string, string> inAddress, bool takesTime = false)
    {
        var errors = new List<FieldError>();
        CommandDraft.Read(command, JsonElement.Parse(body.ToJsonString()), inAddress, s_keys, "", errors, takesTime);
        return errors.Select(e => $"{e.Pointer} {e.Detail}");
    }

    private void Broken(Func<Operation, IEnumerable<string>> breaches)
    {
        server.Operations.Count().ShouldBeGreaterThan(50);
        server.Operations.SelectMany(o => breaches(o).Select(b => $"{o}: {b}")).ShouldBeEmpty();
    }
}
