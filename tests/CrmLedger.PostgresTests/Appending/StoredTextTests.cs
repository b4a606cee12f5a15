using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using CrmLedger.EventStore.Appending;
using FsCheck;
using FsCheck.Fluent;
using static CrmLedger.PostgresTests.Appending.Given;

namespace CrmLedger.PostgresTests.Appending;

/// <summary>
/// PostgreSQL's jsonb keeps neither the order of members nor the spelling of texts and numbers. The hash must not see
/// that: from the row read back it is what it was from the request.
/// </summary>
public abstract class StoredTextTests(TestStore store)
{
    private static readonly Gen<string> s_character = Gen.Frequency(
        (6, Gen.Choose(0x20, 0x7E).Select(c => ((char)c).ToString())),
        (3, Gen.Choose(0xA0, 0xD7FF).Select(c => ((char)c).ToString())),
        (2, Gen.Choose(0x10000, 0x10FFFF).Select(char.ConvertFromUtf32)),
        (1, Gen.Choose(0xE000, 0xFFFF).Select(c => ((char)c).ToString())),
        (2, Gen.Elements("\"", "\\", "/", "'", "\u0001", "\b", "\t", "\n", "\u001F", "\u007F", "\u2028")),
        (1, Gen.Elements("é", "e\u0301", "👩‍👩‍👧")));

    private static readonly Gen<string> s_text = s_character.ArrayOf().Select(string.Concat);

    private static readonly Gen<double> s_number = Gen.Frequency(
        (3, Gen.Choose(-1_000_000, 1_000_000).Select(n => n / 100.0)),
        (2, ArbMap.Default.GeneratorFor<NormalFloat>().Select(n => n.Get)),
        (1, Gen.Elements(0.0, -0.0, 1e21, 1e-7, 9007199254740991, 5e-324, double.MaxValue, 0.1, 100, 1e2)));

    private static readonly Config s_config = Config.QuickThrowOnFailure.WithMaxTest(60).WithEndSize(40);

    [Fact]
    public async Task Whatever_an_events_text_is_its_row_hashes_as_its_request_did()
    {
        string tenant = await store.NewTenantAsync();
        var log = store.NewLog(tenant);
        Prop.ForAll(s_text.ToArbitrary(), text =>
        {
            var e = Event(text) with { CorrelationId = text, CausationId = text };
            ReadsBack(tenant, log, e);
        }).Check(s_config);
        await store.CheckAsync(tenant);
    }

    [Fact]
    public async Task Whatever_an_events_json_is_its_row_hashes_as_its_request_did()
    {
        string tenant = await store.NewTenantAsync();
        var log = store.NewLog(tenant);
        Prop.ForAll(Gen.Sized(size => Object(Math.Min(size, 24))).ToArbitrary(),
            json => ReadsBack(tenant, log, RawEvent(json))).Check(s_config);
        await store.CheckAsync(tenant);
    }

    private static Gen<string> Object(int size) =>
        from members in Gen.Zip(Name, Value(size / 2)).ArrayOf(Math.Min(size, 6))
        select $"{{ {string.Join(" ,\n", members.DistinctBy(m => m.Item1).Select(m => $"{m.Item1}: {m.Item2}"))} }}";

    /// <summary>One spelling for each name: two of them could be the same name.</summary>
    private static Gen<string> Name => s_text.Select(t => JsonSerializer.Serialize(t));

    private static Gen<string> Value(int size) => size == 0 ? Scalar : Gen.Frequency(
        (4, Scalar), (1, Object(size / 2)),
        (1, Value(size / 2).ArrayOf(3).Select(items => $"[{string.Join(",", items)}]")));

    private static Gen<string> Scalar => Gen.OneOf(
        s_text.Select(t => JsonSerializer.Serialize(t)),
        s_text.Select(t => JsonSerializer.Serialize(t, s_relaxed)),
        s_number.Select(n => n.ToString("R", CultureInfo.InvariantCulture)),
        s_number.Select(n => n.ToString("E16", CultureInfo.InvariantCulture)),
        Gen.Elements("null", "true", "false", "1.50", "-0", "10e-1", "[]", "{}", "\"\\u00e9\\ud83d\\ude42\\/\""));

    private static readonly JsonSerializerOptions s_relaxed =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private void ReadsBack(string tenant, IEventLog log, EventToAppend e)
    {
        var cancel = CancellationToken.None;
        var placed = log.AppendAsync(NewStreamOf(e), cancel).GetAwaiter().GetResult().ShouldBeAppended()[0];
        var stored = store.Reader.FindAsync(tenant, e.Id, cancel).GetAwaiter().GetResult()!;
        stored.LeafHash.ShouldBe(placed.LeafHash);
        stored.HashLeaf(tenant).ShouldBe(placed.LeafHash, Encoding.UTF8.GetString(e.DataUtf8));
    }
}
