using CrmLedger.People;

namespace CrmLedger.Tests.People;

public class SoughtWordsTests
{
    [Theory]
    [InlineData("lind", "Anna Lind", null)]
    [InlineData("LIND anna", "Anna Lind", null)]
    [InlineData("  nn \t in ", "Anna Lind", null)]
    [InlineData("4711 lind", "Anna Lind", "C-4711")]
    [InlineData("c-47", null, "C-4711")]
    [InlineData("bjork", "Björk Guðmundsdóttir", null)]
    [InlineData("Björk", "BJORK", null)]
    [InlineData("Bjo\u0308rk", "Björk", null)]
    [InlineData("Björk", "Bjo\u0308rk", null)]
    [InlineData("lukasz soren", "Søren Łukasz", null)]
    [InlineData("strasse", "Straße", null)]
    [InlineData("STRAẞE", "Strasse", null)]
    [InlineData("nguyen", "Nguyễn", null)]
    [InlineData("ΣΊΣΥΦΟΣ", "Σίσυφος", null)]
    [InlineData("Семен", "Семён", null)]
    [InlineData("王", "王小明", null)]
    [InlineData("'-.", "O'-.", null)]
    public void Every_word_is_looked_for_in_name_and_reference(string text, string? name, string? reference) =>
        SoughtWords.In(text)!.OccurIn(name, reference).ShouldBeTrue();

    [Theory]
    [InlineData("lind bert", "Anna Lind", "C-4711")]
    [InlineData("anna lind x", "Anna Lind", null)]
    [InlineData("nal", "Anna", "Lind")]
    [InlineData("a", null, null)]
    [InlineData("%", "Anna", null)]
    [InlineData("o", "王小明", null)]
    public void One_word_that_does_not_occur_is_enough_not_to_be_found(string text, string? name, string? reference) =>
        SoughtWords.In(text)!.OccurIn(name, reference).ShouldBeFalse();

    [Theory]
    [InlineData("")]
    [InlineData(" \t ")]
    [InlineData("\u0301\u0308")]
    public void A_text_without_words_looks_for_nobody(string text) => SoughtWords.In(text).ShouldBeNull();

    [Theory]
    [InlineData("\ud800")]
    [InlineData("x\udc00y")]
    [InlineData("😀")]
    public void Whatever_the_text_it_is_found_in_itself(string text) =>
        SoughtWords.In(text)!.OccurIn($"a{text}b", null).ShouldBeTrue();
}
