namespace CrmLedger.Tests.HouseRules;

/// <summary>The rules are only as good as the scanner.</summary>
public class CSharpTextTests
{
    [Theory]
    [InlineData("a // b\nc", "a     \nc")]
    [InlineData("a /* b */ c", "a         c")]
    [InlineData("a(\"b\\\"{\") c", "a(      ) c")]
    [InlineData("a(@\"b\"\"{\\\") c", "a(        ) c")]
    [InlineData("a('{', '\\'') c", "a(   ,     ) c")]
    [InlineData("a($\"b{c(\"}\")}d\") e", "a(             ) e")]
    [InlineData("a(\"\"\"b\"c\"\"\") d", "a(         ) d")]
    public void Only_code_is_left(string text, string code) => CSharpText.CodeOf(text).ShouldBe(code);

    [Fact]
    public void Members_are_found_with_their_lines() => CSharpText.MembersOf(
        """
        namespace A;

        /// <summary>Not { code.</summary>
        public sealed record B(int C) where D : class
        {
            public int E { get; init; }

            public F[] G { get; } =
            [
                new() { H = "}" },
            ];

            [I(J = 1)]
            public static K L(Type record) => new()
            {
                M = 1,
            };

            private void N()
            {
                if (O)
                {
                }
            }

            private static readonly (int R, int S)[] s_t = [];

            private enum P
            {
                Q,
            }
        }
        """).Select(m => (m.Line, m.Lines)).ShouldBe([(1, 1), (6, 1), (8, 4), (13, 5), (19, 6), (26, 1)]);

    [Theory]
    [InlineData("class A { int B = C(() => { D(); }); }", true)]
    [InlineData("class A { (int B, int C)[] D = []; }", true)]
    [InlineData("class A { void B() { C = D; } }", false)]
    [InlineData("class A { int B(int c = 1) => d; }", false)]
    [InlineData("class A { int B { get { return c; } } = d; }", false)]
    public void A_field_is_data(string text, bool isData) =>
        CSharpText.MembersOf(text).Single().IsData.ShouldBe(isData);
}
