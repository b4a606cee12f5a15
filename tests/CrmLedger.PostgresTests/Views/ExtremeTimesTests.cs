namespace CrmLedger.PostgresTests.Views;

/// <summary>Whatever can be asked as of a time can be asked as of the first and the last one there is.</summary>
public sealed class ExtremeTimesTests(AlbaLedger ledger) : IClassFixture<AlbaLedger>
{
    private const string First = "0001-01-01T00:00:00Z";
    private const string Last = "9999-12-31T23:59:59.999999Z";

    [Fact]
    public async Task No_time_that_can_be_written_is_too_early_or_too_late_to_be_asked_about()
    {
        using var http = await ledger.ClientAsync("times");
        (await http.PostAsync("/v1/members", """{"reference":"erik","name":"Erik","team":"north"}""")).Status
            .ShouldBe(201);
        (await http.PostAsync("/v1/customers", """{"reference":"anna","name":"Anna"}""")).Status.ShouldBe(201);
        (await http.PostAsync("/v1/customers/ref:anna/promises", """
            {"promiseId":"P","kind":"call","conditions":"Called.","memberId":"ref:erik","dueAt":"2099-01-01T00:00:00Z"}
            """)).Status.ShouldBe(201);
        (await http.PostAsync("/v1/customers/ref:anna/purchases",
            """{"purchaseId":"B","amountMinor":100,"currency":"EUR"}""")).Status.ShouldBe(201);
        var broken = new List<string>();
        int asked = 0;
        foreach (var path in (await http.GetAsync("/openapi/v1.json")).Json.GetProperty("paths").EnumerateObject())
        {
            if (!path.Value.TryGetProperty("get", out var operation)
                || !operation.TryGetProperty("parameters", out var parameters))
            {
                continue;
            }
            string[] names = [.. parameters.EnumerateArray().Select(p => p.GetProperty("name").GetString()!)];
            foreach (string question in Questions(names))
            {
                string address = path.Name.Replace("{customerId}", "ref:anna").Replace("{promiseId}", "P") + question;
                var answer = await http.GetAsync(address);
                asked++;
                if (answer.Status >= 500)
                    broken.Add(address);
            }
        }
        broken.ShouldBeEmpty();
        asked.ShouldBeGreaterThan(150);
    }

    /// <summary>Each time alone, and with each other one.</summary>
    private static IEnumerable<string> Questions(string[] names)
    {
        string[] times =
            [.. names.Intersect(["asOf", "until", "from", "to", "since", "dueFrom", "dueTo", "beforeFrom"])];
        string required = names.Contains("view") ? "&view=kept-rate" : names.Contains("minN") ? "&by=maker" : "";
        foreach (string time in times)
        {
            foreach (string moment in new[] { First, Last })
            {
                yield return $"?{time}={moment}{required}";
                foreach (string other in times.Where(t => t != time))
                {
                    yield return $"?{time}={moment}&{other}={First}{required}";
                    yield return $"?{time}={moment}&{other}={Last}{required}";
                }
            }
        }
    }
}
