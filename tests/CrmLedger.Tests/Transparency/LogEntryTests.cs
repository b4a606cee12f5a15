using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CrmLedger.Transparency;

namespace CrmLedger.Tests.Transparency;

public sealed class LogEntryTests
{
    private static readonly LogEntry Bare = new(
        "t", 0, "policy", 1, new Guid("0197a3b2-5c6d-7e8f-9a0b-1c2d3e4f5a6b"), "promise_made",
        DateTimeOffset.Parse("2026-03-01T08:30:15Z", CultureInfo.InvariantCulture), null, null, Utf8("{}"), Utf8("{}"));

    private static readonly LogEntry Full = Bare with
    {
        Tenant = "acme",
        Position = 41,
        Stream = "customer-0197a3b2",
        Version = 3,
        RecordedAt = DateTimeOffset.Parse("2026-03-01T09:30:15.123456+01:00", CultureInfo.InvariantCulture),
        Correlation = "corr \"1\"\n",
        Causation = "cause-é",
        Headers = Utf8("""{"source": "api", "actor": {"kind": "member", "id": "m-1"}}"""),
        Data = Utf8("""
            {"promiseId":"p-1","kind":"call_back","dueAt":"2026-03-02T09:00:00.000000Z",
             "conditions":"Zur\u00fcckrufen € 😀 \u2028","amounts":[12.50,1e21,0.0000001,-0,-3],
             "\ufb33":1,"\ud83d\ude00":2,"done":false,"none":null}
            """),
    };

    // Expected values were computed by an independent program (Python's hashlib over its own sorted JSON).
    [Fact]
    public void The_hashes_of_an_entry_are_golden()
    {
        Convert.ToHexStringLower(Full.EntryHash())
            .ShouldBe("15df8780f8fdc657d751c7ccf148688e336eb435f195f5e27f5fb66b6c6c0774");
        Convert.ToHexStringLower(Full.LeafHash())
            .ShouldBe("ea2d9bf136b57225af3100ef4072e582691c85203a423ef94db2d7e7e99f0859");
    }

    [Fact]
    public void An_entry_without_correlation_and_causation_leaves_them_out()
    {
        Convert.ToHexStringLower(Bare.EntryHash())
            .ShouldBe("d6e7d326c668f5d4701053403638d9f41a8c51e35604ae3813d7892a0d573623");
        Convert.ToHexStringLower(Bare.LeafHash())
            .ShouldBe("943494169753b317fc1db892218b3228a49b34e9b1981c971c1e17b24a0ea31c");
    }

    [Fact]
    public void The_entry_hash_is_that_of_the_canonical_object()
    {
        var whole = $$"""
            {"version":3,"type":"promise_made","tenant":"acme","stream":"customer-0197a3b2","position":41,
             "recordedAt":"2026-03-01T08:30:15.123456Z","id":"0197a3b2-5c6d-7e8f-9a0b-1c2d3e4f5a6b",
             "headers":{{Encoding.UTF8.GetString(Full.Headers.Span)}},
             "data":{{Encoding.UTF8.GetString(Full.Data.Span)}},
             "correlation":"corr \"1\"\n","causation":"cause-é"}
            """;

        Full.EntryHash().ShouldBe(SHA256.HashData(CanonicalJson.Canonicalize(Encoding.UTF8.GetBytes(whole))));
        Full.LeafHash().ShouldBe(MerkleTree.HashLeaf(Full.EntryHash()));
    }

    [Fact]
    public void Every_member_is_committed_to()
    {
        LogEntry[] changed =
        [
            Full with { Tenant = "acmf" },
            Full with { Position = 42 },
            Full with { Stream = "customer-0197a3b3" },
            Full with { Version = 4 },
            Full with { Id = new Guid("0197a3b2-5c6d-7e8f-9a0b-1c2d3e4f5a6c") },
            Full with { Type = "promise_made_v2" },
            Full with { RecordedAt = Full.RecordedAt.AddMicroseconds(1) },
            Full with { Correlation = null },
            Full with { Correlation = "" },
            Full with { Causation = null },
            Full with { Correlation = Full.Causation, Causation = Full.Correlation },
            Full with { Headers = Utf8("{}") },
            Full with { Data = Utf8("{}") },
            Full with { Headers = Full.Data, Data = Full.Headers },
        ];

        changed.Append(Full).Select(entry => Convert.ToHexString(entry.LeafHash())).ShouldBeUnique();
    }

    [Fact]
    public void Ticks_below_the_microsecond_do_not_count()
    {
        (Full with { RecordedAt = Full.RecordedAt.AddTicks(9) }).LeafHash().ShouldBe(Full.LeafHash());
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("1")]
    [InlineData("")]
    [InlineData("{\"a\":1,\"a\":1}")]
    public void Data_or_headers_that_are_no_I_JSON_object_are_refused(string text)
    {
        Should.Throw<JsonException>(() => (Full with { Data = Utf8(text) }).LeafHash());
        Should.Throw<JsonException>(() => (Full with { Headers = Utf8(text) }).LeafHash());
        Convert.ToHexStringLower(Full.LeafHash()).ShouldStartWith("ea2d9bf1");
    }

    [Fact]
    public void What_JSON_cannot_carry_exactly_is_refused()
    {
        Should.Throw<ArgumentException>(() => (Full with { Correlation = "\ud800" }).LeafHash());
        Should.Throw<ArgumentException>(() => (Full with { Position = (1L << 53) + 1 }).LeafHash());
    }

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}
