using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace CrmLedger.Tests.HouseRules;

/// <summary>What can be checked about how we write is a test; each lists every place that breaks it.</summary>
public partial class HouseRulesTests
{
    private const int LongestFile = 400;
    private const int LongestMethod = 70;
    private const int LongestLine = 120;
    private const int TimeoutMs = 5000;

    /// <summary>All of them in one file, so that a second language is a second file.</summary>
    private const string WordsOfThePages = "src/CrmLedger.Web/src/texts.ts";

    [Theory]
    [InlineData("CrmLedger")]
    [InlineData("CrmLedger.Transparency")]
    public void The_core_and_the_proofs_rest_on_nothing(string project) =>
        ReferencesOf(project).ShouldBeEmpty();

    [Fact]
    public void The_embedded_cluster_knows_nothing_of_the_ledger() =>
        ReferencesOf("CrmLedger.Postgres").Where(r => r.Name.LocalName == "ProjectReference").ShouldBeEmpty();

    [Fact]
    public void The_core_knows_no_clock_no_chance_and_no_outside_world() => Broken(
        SourceFile.Of("src/CrmLedger", "*.cs"), file => Matches(OutsideWorld(), file));

    [Fact]
    public void No_file_is_longer_than_four_hundred_lines() => Broken([.. SourceFile.CSharp, .. SourceFile.Web], file =>
        file.Lines.Length - 1 > LongestFile && file.Path != WordsOfThePages ? [$"{file.Lines.Length - 1} lines"] : []);

    [Fact]
    public void No_method_is_longer_than_seventy_lines() => Broken(SourceFile.CSharp, file => CSharpText
        .MembersOf(file.Text)
        .Where(m => m.Lines > LongestMethod && !m.IsData)
        .Select(m => $"{m.Line}: {m.Lines} lines: {m.Header}"));

    [Fact]
    public void No_line_is_longer_than_one_hundred_and_twenty_characters() => Broken(
        [.. SourceFile.CSharp, .. SourceFile.Web], file => file.Lines.Index()
            .Where(l => l.Item.Length > LongestLine).Select(l => $"{l.Index + 1}: {l.Item.Length}"));

    [Fact]
    public void No_test_is_skipped_unless_the_machine_lacks_what_it_needs_and_none_sleeps() => Broken(
        SourceFile.CSharp.Where(f => !f.Path.EndsWith("FactAttribute.cs", StringComparison.Ordinal)),
        file => Matches(SkippedOrAsleep(), file));

    [Fact]
    public void A_warning_that_is_silenced_says_why() => Broken(SourceFile.CSharp, file => file
        .Lines.Index().Where(l => SilencedWithoutReason().IsMatch(l.Item)).Select(l => $"{l.Index + 1}: {l.Item}"));

    [Fact]
    public void No_page_makes_markup_of_text_or_silences_its_checks() => Broken(SourceFile.Web, file => file
        .Lines.Index().Where(l => MarkupOrSilence().IsMatch(l.Item)).Select(l => $"{l.Index + 1}: {l.Item}"));

    [Fact]
    public void Types_are_named_by_what_they_are() =>
        Broken(SourceFile.CSharp, file => Matches(EmptyName(), file));

    [Fact]
    public void A_page_that_is_cited_is_there() => Broken([.. SourceFile.CSharp, .. SourceFile.Web], file => CitedPage()
        .Matches(file.Text)
        .Select(m => m.Groups["beside"].Success ? $"{Path.GetDirectoryName(file.Path)}/{m.Groups["page"]}" : m.Value)
        .Where(page => !File.Exists(Checkout.PathTo(page))));

    [Fact]
    public void Every_script_is_embedded_and_named_by_one_class()
    {
        var csharp = SourceFile.CSharp.Where(f => f.Path.StartsWith("src/", StringComparison.Ordinal)).ToList();
        Broken(SourceFile.Of("src", "*.sql"), script =>
        {
            string project = string.Join('/', script.Path.Split('/')[..2]);
            string projectFile = Checkout.PathTo(project, Path.GetFileName(project) + ".csproj");
            bool embedded = File.ReadAllText(projectFile).Contains("<EmbeddedResource Include=\"**/*.sql\"");
            string name = Path.GetFileNameWithoutExtension(script.Path);
            string[] spellings = [$"\"{name}\"", $"/{name}\"", $"\"{name}.sql\"", $"/{name}.sql\""];
            var named = csharp.Where(f => spellings.Any(f.Text.Contains)).Select(f => f.Path).ToList();
            return embedded && named.Count == 1
                ? []
                : [$"embedded: {embedded}, named by [{string.Join(", ", named)}]"];
        });
    }

    [Fact]
    public void The_top_level_holds_nothing_else() => Directory.EnumerateFileSystemEntries(Checkout.Root)
        .Select(Path.GetFileName)
        .Where(name => !name!.StartsWith('.'))
        .Except(["src", "tests", "ops", "CrmLedger.sln", "global.json", "README.md"])
        .ShouldBeEmpty();

    private static IEnumerable<XElement> ReferencesOf(string project) => XDocument
        .Load(Checkout.PathTo("src", project, $"{project}.csproj")).Descendants()
        .Where(e => e.Name.LocalName.EndsWith("Reference", StringComparison.Ordinal));

    private static void Broken(IEnumerable<SourceFile> files, Func<SourceFile, IEnumerable<string>> breaches) =>
        files.SelectMany(f => breaches(f).Select(b => $"{f.Path}: {b}")).ShouldBeEmpty();

    private static IEnumerable<string> Matches(Regex rule, SourceFile file)
    {
        string code = CSharpText.CodeOf(file.Text);
        return rule.Matches(code).Select(m => $"{1 + code.AsSpan(0, m.Index).Count('\n')}: {m.Value}");
    }

    [GeneratedRegex(@"\b(TimeProvider|Stopwatch|UtcNow|Now|Random\w*|NewGuid|CreateVersion7|Npgsql\w*|HttpContext|"
        + @"Task|ValueTask|Thread|File|Console|Environment)\b", RegexOptions.ExplicitCapture, TimeoutMs)]
    private static partial Regex OutsideWorld();

    [GeneratedRegex(@"\bSkip\s*=|\bThread\s*\.\s*Sleep\b", RegexOptions.ExplicitCapture, TimeoutMs)]
    private static partial Regex SkippedOrAsleep();

    [GeneratedRegex(@"^\s*#pragma warning disable (?!.*// \S)", RegexOptions.ExplicitCapture, TimeoutMs)]
    private static partial Regex SilencedWithoutReason();

    [GeneratedRegex(@"dangerouslySetInnerHTML|\b(innerHTML|outerHTML|insertAdjacentHTML)\b|document\.write\(|\beval\("
        + @"|new Function\(|@ts-(ignore|expect-error|nocheck)|eslint-disable|\bas any\b|: any\b",
        RegexOptions.ExplicitCapture, TimeoutMs)]
    private static partial Regex MarkupOrSilence();

    [GeneratedRegex(@"(?<page>[\w./]*\bREADME\.md)(?<beside> beside this file)?",
        RegexOptions.ExplicitCapture, TimeoutMs)]
    private static partial Regex CitedPage();

    [GeneratedRegex(@"\b(class|record|struct|interface|enum)\s+((class|struct)\s+)?"
        + @"\w*(Manager|Helper|Helpers|Service|Dto|Repository)\b(?!\s*\.)", RegexOptions.ExplicitCapture, TimeoutMs)]
    private static partial Regex EmptyName();
}
