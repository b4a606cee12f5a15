using System.Text;
using System.Text.Json;
using CrmLedger.Transparency;
using FsCheck.Fluent;

namespace CrmLedger.Tests.Transparency;

public sealed class InternetJsonTests
{
    [Theory]
    [InlineData("{}")]
    [InlineData(" [ ] ")]
    [InlineData("null")]
    [InlineData("{\"a\":{\"a\":1},\"b\":[{\"a\":1},{\"a\":1}],\"c\":\"\\ud83d\\ude00 \\\\u0000 €\"}")]
    [InlineData("[0,-0,0.1,1.0,1e3,1E+2,-1.5e-9,9007199254740992,5e-324,1.7976931348623157e308,0e-400,1]")]
    [InlineData("[123456789012345680e0,100000000000000000000000,1000000e-6,0.00000001e8,295147905179352830000]")]
    public void I_JSON_is_accepted(string text)
    {
        Check(text).ShouldBeNull();
    }

    [Theory]
    [InlineData("{\"a\":1,\"a\":2}", "/a")]
    [InlineData("{\"x\":[0,{\"a\":1,\"b\":2,\"\\u0061\":3}]}", "/x/1/a")]
    [InlineData("{\"\":{\"~/\":1,\"~\\/\":1}}", "//~0~1")]
    [InlineData("[{\"\\ud83d\\ude00\":1,\"😀\":1}]", "/0/😀")]
    public void A_duplicate_member_name_is_refused_with_its_pointer(string text, string pointer)
    {
        var violation = Check(text).ShouldNotBeNull();

        violation.Pointer.ShouldBe(pointer);
        violation.Detail.ShouldContain("twice");
    }

    [Fact]
    public void A_duplicate_among_many_members_is_found()
    {
        var members = Enumerable.Range(0, 3000).Select(i => $"\"name{i}\":{i}").ToList();

        Check("{" + string.Join(',', members) + "}").ShouldBeNull();
        members.Insert(1, "\"nam\\u006529\\u0039\\u0039\":0");
        Check("[{" + string.Join(',', members) + "}]").ShouldNotBeNull().Pointer.ShouldBe("/0/name2999");
    }

    [Theory]
    [InlineData("[1e400]", "/0", "too large")]
    [InlineData("[0,9007199254740993]", "/1", "changes")]
    [InlineData("{\"a\":0.10000000000000001}", "/a", "changes")]
    [InlineData("295147905179352825856", "", "changes")]
    [InlineData("123456789012345678", "", "changes")]
    [InlineData("1e131071", "", "exponent")]
    [InlineData("0e99999999999999999999", "", "exponent")]
    [InlineData("1e-400", "", "zero")]
    [InlineData("4.9e-324", "", "changes")]
    [InlineData("-1.7976931348623159e308", "", "too large")]
    public void A_number_that_does_not_survive_a_double_is_refused(string text, string pointer, string detail)
    {
        var violation = Check(text).ShouldNotBeNull();

        violation.Pointer.ShouldBe(pointer);
        violation.Detail.ShouldContain(detail);
    }

    [Theory]
    [InlineData("[\"\\ud800\"]", "/0", "surrogate")]
    [InlineData("[\"\\ud800\\ud800\"]", "/0", "surrogate")]
    [InlineData("{\"a\":\"\\udc00x\"}", "/a", "surrogate")]
    [InlineData("{\"a\":{\"\\ud83d\":1}}", "/a", "surrogate")]
    [InlineData("{\"a\":\"x\\u0000\"}", "/a", "U+0000")]
    [InlineData("{\"a\":[{\"\\u0000\":1}]}", "/a/0", "U+0000")]
    [InlineData("{\"a\":\"\\uFFFE\"}", "/a", "U+FFFE")]
    [InlineData("{\"a\":\"\uFDD0\"}", "/a", "U+FDD0")]
    [InlineData("{\"a\":\"tab\there\"}", "/a", "control character")]
    [InlineData("{\"a\":\"\\x41\"}", "/a", "backslash")]
    [InlineData("{\"a\":\"\\u12g4\"}", "/a", "backslash")]
    public void A_string_that_is_not_of_Unicode_characters_is_refused(string text, string pointer, string detail)
    {
        var violation = Check(text).ShouldNotBeNull();

        violation.Pointer.ShouldBe(pointer);
        violation.Detail.ShouldContain(detail);
    }

    [Theory]
    [InlineData("", "", "empty")]
    [InlineData(" \n", "", "empty")]
    [InlineData("{\"a\":1", "/a", "ends inside an object")]
    [InlineData("{\"a\":[1,", "/a/1", "ends where a value")]
    [InlineData("{\"a\"", "/a", "ends after a member's name")]
    [InlineData("{\"a\":\"x", "/a", "ends inside a string")]
    [InlineData("{\"a\":\"x\\", "/a", "ends inside a string")]
    [InlineData("[1 2]", "/0", "Expected a comma or the array's end, found '2' (line 1, byte 4)")]
    [InlineData("[1,]", "/1", "Expected a value, found ']'")]
    [InlineData("{\"a\":1,}", "", "Expected a member's name, found '}'")]
    [InlineData("{\n \"a\":\n  tru}", "/a", "Expected a value, found 't' (line 3, byte 3)")]
    [InlineData("{a:1}", "", "Expected a member's name")]
    [InlineData("{} {}", "", "more text")]
    [InlineData("01", "", "more text")]
    [InlineData("[+1]", "/0", "found '+'")]
    [InlineData("[-]", "/0", "not written as JSON numbers")]
    [InlineData("[1.]", "/0", "not written as JSON numbers")]
    [InlineData("[1e]", "/0", "not written as JSON numbers")]
    [InlineData("[.5]", "/0", "found '.'")]
    [InlineData("[NaN]", "/0", "found 'N'")]
    [InlineData("[1] // done", "", "more text")]
    [InlineData("{\"a\" 1}", "/a", "Expected a colon")]
    [InlineData("[1}", "/0", "found '}'")]
    public void What_is_not_JSON_is_refused_in_plain_words(string text, string pointer, string detail)
    {
        var violation = Check(text).ShouldNotBeNull();

        violation.Pointer.ShouldBe(pointer);
        violation.Detail.ShouldContain(detail);
    }

    [Theory]
    [InlineData(0x80)]
    [InlineData(0xC0, 0xAF)]
    [InlineData(0xED, 0xA0, 0x80)]
    [InlineData(0xF4, 0x90, 0x80, 0x80)]
    [InlineData(0xE2, 0x82)]
    public void Invalid_UTF_8_is_refused(params int[] bytes)
    {
        byte[] text = [.. "{\"a\":\"é"u8, .. bytes.Select(value => (byte)value), .. "\"}"u8];

        var violation = InternetJson.Check(text).ShouldNotBeNull();

        violation.Pointer.ShouldBe("/a");
        violation.Detail.ShouldContain("UTF-8");
    }

    [Fact]
    public void A_byte_order_mark_is_refused()
    {
        InternetJson.Check([0xEF, 0xBB, 0xBF, (byte)'1']).ShouldNotBeNull().Detail.ShouldContain("byte order mark");
    }

    [Fact]
    public void Nesting_is_allowed_up_to_the_limit_and_no_deeper()
    {
        static string Nested(int depth) => new string('[', depth) + new string(']', depth);

        Check(Nested(64)).ShouldBeNull();
        Check(Nested(65)).ShouldNotBeNull().Detail.ShouldContain("more than 64 deep");
        InternetJson.Check("{\"a\":{}}"u8, maxDepth: 1).ShouldNotBeNull().Pointer.ShouldBe("/a");
        InternetJson.Check("1"u8, maxDepth: 0).ShouldBeNull();
        var deep = Encoding.UTF8.GetBytes(Nested(1_000_000));
        InternetJson.Check(deep, maxDepth: int.MaxValue).ShouldBeNull();
    }

    [Fact]
    public void Numbers_of_a_million_digits_are_refused_for_their_length()
    {
        Check("[" + new string('7', 1_000_000) + "]").ShouldNotBeNull().Detail.ShouldContain("1,000 characters");
        Check("0." + new string('0', 1_000_000) + "1e1000001").ShouldNotBeNull();
        Check("1" + new string('0', 900) + "e-900").ShouldBeNull();
    }

    [Fact]
    public void Random_bytes_never_throw()
    {
        FsCheck.Check.QuickThrowOnFailure(Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), bytes =>
        {
            var violation = InternetJson.Check(bytes);
            return violation is null || violation.Detail.Length > 0;
        }));
    }

    [Fact]
    public void Damaged_JSON_never_throws_and_what_passes_can_be_parsed_and_canonicalized()
    {
        ReadOnlySpan<byte> alphabet = "{}[]:,\"\\ud8c0019.eE+-tfn \n"u8;
        var random = new Random(20260301);
        var passed = 0;
        for (var round = 0; round < 30_000; round++)
        {
            var text = Encoding.UTF8.GetBytes(JsonSamples.Text(random.Next(), random.Next()));
            for (var damage = random.Next(3); damage > 0; damage--)
            {
                var at = random.Next(text.Length);
                text[at] = random.Next(8) == 0 ? (byte)random.Next(256) : alphabet[random.Next(alphabet.Length)];
            }

            if (InternetJson.Check(text) is not null)
                continue;
            passed++;
            using var document = JsonDocument.Parse(text);
            InternetJson.Check(CanonicalJson.Canonicalize(text)).ShouldBeNull();
        }

        passed.ShouldBeGreaterThan(5_000);
    }

    [Fact]
    public void Every_prefix_of_an_object_is_refused()
    {
        var text = Encoding.UTF8.GetBytes("""{"a":[1,-2.5e3,true,null],"é\n":{"b":"\ud83d\ude00"},"c":{}}""");

        InternetJson.Check(text).ShouldBeNull();
        for (var length = 0; length < text.Length; length++)
            InternetJson.Check(text.AsSpan(0, length)).ShouldNotBeNull();
    }

    [Fact]
    public void A_double_in_its_shortest_form_is_accepted_and_its_neighbour_in_decimal_is_not()
    {
        FsCheck.Check.QuickThrowOnFailure(Prop.ForAll(ArbMap.Default.ArbFor<ulong>(), bits =>
        {
            var value = BitConverter.UInt64BitsToDouble(bits);
            if (!double.IsNormal(value))
                return true;
            var shortest = value.ToString("E16", System.Globalization.CultureInfo.InvariantCulture);
            var longer = shortest.Replace("E", "1E", StringComparison.Ordinal);
            return Check(value.ToString("R", System.Globalization.CultureInfo.InvariantCulture)) is null
                && Check(longer) is not null;
        }));
    }

    private static InternetJsonViolation? Check(string text) => InternetJson.Check(Encoding.UTF8.GetBytes(text));
}
