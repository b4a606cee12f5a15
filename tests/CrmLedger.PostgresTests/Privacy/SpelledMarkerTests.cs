using System.Text;

namespace CrmLedger.PostgresTests.Privacy;

public class SpelledMarkerTests
{
    private const string Sought = "sought0198c2f41c3a7d619f431f2e3d4c5b6a";
    private const string Other = "other0198c2f41c3a7d619f431f2e3d4c5b6a";

    [Theory]
    [InlineData("UTF-8 in base64")]
    [InlineData("UTF-8 in base64url")]
    [InlineData("UTF-16 in base64")]
    [InlineData("UTF-8 in hexadecimal")]
    [InlineData("in clear, in either case")]
    [InlineData("backwards")]
    [InlineData("percent-encoded")]
    [InlineData("escaped for JSON")]
    public void The_search_finds_a_marker_in_every_spelling_wherever_it_begins(string spelling)
    {
        for (int before = 0; before < 5; before++)
        {
            string text = $"{new string('é', before)}, {Sought} and more";
            byte[] utf8 = Encoding.UTF8.GetBytes(text);
            string spelled = spelling switch
            {
                "UTF-8 in base64" => Convert.ToBase64String([.. new byte[before], .. utf8]),
                "UTF-8 in base64url" => System.Buffers.Text.Base64Url.EncodeToString([.. new byte[before], .. utf8]),
                "UTF-16 in base64" => Convert.ToBase64String(Encoding.Unicode.GetBytes(text)),
                "UTF-8 in hexadecimal" => Convert.ToHexStringLower(utf8),
                "in clear, in either case" => text.ToUpperInvariant(),
                "backwards" => string.Concat(text.Reverse()),
                "percent-encoded" => string.Concat(utf8.Select(b => $"%{b:x2}")),
                _ => string.Concat(text.Select(c => $"\\u{(int)c:X4}")),
            };
            new SpelledMarker(Sought).In(spelled).ShouldContain(spelling);
            new SpelledMarker(Other).In(spelled).ShouldBeEmpty();
        }
    }
}
