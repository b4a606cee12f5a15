using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CrmLedger.Transparency;
using FsCheck;
using FsCheck.Fluent;

namespace CrmLedger.Tests.Transparency;

public sealed class CanonicalJsonTests
{
    [Theory]
    [InlineData(0x0000000000000000, "0")]
    [InlineData(0x8000000000000000, "0")]
    [InlineData(0x0000000000000001, "5e-324")]
    [InlineData(0x8000000000000001, "-5e-324")]
    [InlineData(0x7fefffffffffffff, "1.7976931348623157e+308")]
    [InlineData(0xffefffffffffffff, "-1.7976931348623157e+308")]
    [InlineData(0x4340000000000000, "9007199254740992")]
    [InlineData(0xc340000000000000, "-9007199254740992")]
    [InlineData(0x4430000000000000, "295147905179352830000")]
    [InlineData(0x44b52d02c7e14af5, "9.999999999999997e+22")]
    [InlineData(0x44b52d02c7e14af6, "1e+23")]
    [InlineData(0x44b52d02c7e14af7, "1.0000000000000001e+23")]
    [InlineData(0x444b1ae4d6e2ef4e, "999999999999999700000")]
    [InlineData(0x444b1ae4d6e2ef4f, "999999999999999900000")]
    [InlineData(0x444b1ae4d6e2ef50, "1e+21")]
    [InlineData(0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7")]
    [InlineData(0x3eb0c6f7a0b5ed8d, "0.000001")]
    [InlineData(0x41b3de4355555553, "333333333.3333332")]
    [InlineData(0x41b3de4355555554, "333333333.33333325")]
    [InlineData(0x41b3de4355555555, "333333333.3333333")]
    [InlineData(0x41b3de4355555556, "333333333.3333334")]
    [InlineData(0x41b3de4355555557, "333333333.33333343")]
    [InlineData(0xbecbf647612f3696, "-0.0000033333333333333333")]
    [InlineData(0x43143ff3c1cb0959, "1424953923781206.2")]
    public void Numbers_are_written_as_in_appendix_B_of_RFC_8785(ulong bits, string expected)
    {
        var exact = BitConverter.UInt64BitsToDouble(bits).ToString("E50", CultureInfo.InvariantCulture);

        Canonical(exact).ShouldBe(expected);
    }

    [Theory]
    [InlineData("-0", "0")]
    [InlineData("-0.0e5", "0")]
    [InlineData("-1", "-1")]
    [InlineData("1E3", "1000")]
    [InlineData("12.50", "12.5")]
    [InlineData("9007199254740992", "9007199254740992")]
    [InlineData("9007199254740993", "9007199254740992")]
    [InlineData("-9007199254740993", "-9007199254740992")]
    [InlineData("123456789012345", "123456789012345")]
    [InlineData("100000000000000000000", "100000000000000000000")]
    [InlineData("1000000000000000000000", "1e+21")]
    [InlineData("-1.5e-9", "-1.5e-9")]
    public void Numbers_of_any_spelling_become_the_one_spelling(string literal, string expected)
    {
        Canonical(literal).ShouldBe(expected);
    }

    [Fact]
    public void The_sample_object_of_RFC_8785_gets_the_published_bytes()
    {
        const string sample = """
            {
              "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
              "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
              "literals": [null, true, false]
            }
            """;
        const string expected =
            "7b226c69746572616c73223a5b6e756c6c2c747275652c66616c73655d2c226e756d62657273223a5b3333333333333333332e33"
            + "3333333333332c31652b33302c342e352c302e3030322c31652d32375d2c22737472696e67223a22e282ac245c75303030665c6e"
            + "4127425c225c5c5c5c5c222f227d";

        Convert.ToHexStringLower(CanonicalJson.Canonicalize(Encoding.UTF8.GetBytes(sample))).ShouldBe(expected);
    }

    [Fact]
    public void Members_are_sorted_by_UTF_16_code_units_as_in_section_3_2_3()
    {
        const string sample = """
            {"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One",
             "\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis"}
            """;

        Canonical(sample).ShouldBe(
            "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u0080\":\"Control\","
            + "\"ö\":\"Latin Small Letter O With Diaeresis\",\"€\":\"Euro Sign\","
            + "\"\ud83d\ude00\":\"Emoji: Grinning Face\",\"\ufb33\":\"Hebrew Letter Dalet With Dagesh\"}");
    }

    [Fact]
    public void A_name_that_needs_an_escape_is_sorted_by_what_it_means()
    {
        // Written out, the quote's backslash would come after the letter.
        Canonical("""{"a":1,"\"":2,"\u0041":3,"":4,"aa":5}""").ShouldBe("""{"":4,"\"":2,"A":3,"a":1,"aa":5}""");
    }

    [Fact]
    public void Strings_keep_every_character_and_escape_only_what_they_must()
    {
        Canonical("\"\\b\\t\\n\\f\\r\\\"\\\\\\/\\u001F\\u007f\\u2028e\\u0301\\uD83D\\uDE00\\u0000\"")
            .ShouldBe("\"\\b\\t\\n\\f\\r\\\"\\\\/\\u001f\u007f\u2028e\u0301\ud83d\ude00\\u0000\"");
    }

    [Fact]
    public void Nested_objects_out_of_order_are_sorted_at_every_level()
    {
        Canonical("""{ "b" : [ { "z" : { "y" : 1 , "x" : [ ] } , "a" : { } } ] , "a" : { "d" : 0 , "c" : "" } }""")
            .ShouldBe("""{"a":{"c":"","d":0},"b":[{"a":{},"z":{"x":[],"y":1}}]}""");
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}{}")]
    [InlineData("[1,]")]
    [InlineData("{\"a\":1,\"\\u0061\":2}")]
    [InlineData("{\"b\":1,\"a\":1,\"b\":2}")]
    [InlineData("\"\\ud800\"")]
    [InlineData("\"\\ud800\\u0041\"")]
    [InlineData("\"\\udc00\\ud800\"")]
    [InlineData("1e400")]
    [InlineData("NaN")]
    public void What_is_not_I_JSON_has_no_canonical_form(string text)
    {
        Should.Throw<JsonException>(() => CanonicalJson.Canonicalize(Encoding.UTF8.GetBytes(text)));
        Canonical("[1]").ShouldBe("[1]");
    }

    [Fact]
    public void Invalid_UTF_8_has_no_canonical_form()
    {
        byte[] text = [(byte)'"', 0xC3, (byte)'"'];

        Should.Throw<JsonException>(() => CanonicalJson.Canonicalize(text));
    }

    [Fact]
    public void A_parsed_element_gets_the_same_bytes_as_its_text()
    {
        var options = new JsonDocumentOptions
        {
            CommentHandling = JsonCommentHandling.Skip,
            AllowTrailingCommas = true,
        };
        using var document = JsonDocument.Parse("""{"x":{"b":1, /* why */ "a":[1.0,2,],},"y":0}""", options);
        var output = new ArrayBufferWriter<byte>();

        CanonicalJson.Write(document.RootElement.GetProperty("x"), output);

        Encoding.UTF8.GetString(output.WrittenSpan).ShouldBe("""{"a":[1,2],"b":1}""");
    }

    [Fact]
    public void Any_double_is_written_so_that_it_reads_back_the_same()
    {
        Check.QuickThrowOnFailure(Prop.ForAll(ArbMap.Default.ArbFor<ulong>(), bits =>
        {
            var value = BitConverter.UInt64BitsToDouble(bits);
            return !double.IsFinite(value) || double.Parse(
                Canonical(value.ToString("E50", CultureInfo.InvariantCulture)), CultureInfo.InvariantCulture) == value;
        }));
    }

    [Fact]
    public void Canonicalizing_twice_changes_nothing()
    {
        Check.QuickThrowOnFailure(Prop.ForAll(JsonSamples.Seeds, seed =>
        {
            var once = CanonicalJson.Canonicalize(Encoding.UTF8.GetBytes(JsonSamples.Text(seed, seed)));
            return CanonicalJson.Canonicalize(once.AsMemory()).AsSpan().SequenceEqual(once);
        }));
    }

    [Fact]
    public void Order_of_members_white_space_and_escapes_make_no_difference()
    {
        Check.QuickThrowOnFailure(Prop.ForAll(JsonSamples.Seeds, JsonSamples.Seeds, (value, spelling) =>
            Canonical(JsonSamples.Text(value, spelling)) == Canonical(JsonSamples.Text(value, spelling + 1))));
    }

    [Fact]
    public void The_canonical_form_means_the_same_and_is_in_order()
    {
        Check.QuickThrowOnFailure(Prop.ForAll(JsonSamples.Seeds, seed =>
        {
            var text = JsonSamples.Text(seed, seed);
            var canonical = JsonNode.Parse(Canonical(text));
            return JsonNode.DeepEquals(canonical, JsonNode.Parse(text)) && IsInOrder(canonical);
        }));
    }

    [Fact]
    public void An_object_with_many_members_is_sorted_too()
    {
        var names = Enumerable.Range(0, 5000).Select(i => $"k{i * 7919 % 5000}").ToList();
        var text = "{" + string.Join(", ", names.Select(name => $"\"{name}\": {{\"b\":1,\"a\":2}}")) + "}";

        names.Sort(string.CompareOrdinal);
        Canonical(text).ShouldBe(
            "{" + string.Join(',', names.Select(name => $"\"{name}\":{{\"a\":2,\"b\":1}}")) + "}");
    }

    private static bool IsInOrder(JsonNode? node)
    {
        return node switch
        {
            JsonArray array => array.All(IsInOrder),
            JsonObject members => members.All(member => IsInOrder(member.Value))
                && members.Zip(members.Skip(1)).All(pair => string.CompareOrdinal(pair.First.Key, pair.Second.Key) < 0),
            _ => true,
        };
    }

    private static string Canonical(string text)
    {
        return Encoding.UTF8.GetString(CanonicalJson.Canonicalize(Encoding.UTF8.GetBytes(text)));
    }
}
