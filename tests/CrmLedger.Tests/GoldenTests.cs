using System.Text;

namespace CrmLedger.Tests;

/// <summary>
/// What was once stored is read for ever. A golden file is added with its stored name and never edited: when a shape
/// changes, it gets a new name, an upcaster and a file of its own.
/// </summary>
public class GoldenTests
{
    public static TheoryData<string> CurrentNames => [.. LedgerEvents.Names];

    public static TheoryData<string> OldNames => [.. EventUpcasters.Names];

    [Theory]
    [MemberData(nameof(CurrentNames))]
    public void A_stored_event_is_read_and_written_back_byte_for_byte(string name)
    {
        byte[] golden = Read($"{name}.v1.json");
        LedgerEvents.Write(LedgerEvents.Read(name, golden)).ShouldBe(golden);
    }

    [Theory]
    [MemberData(nameof(CurrentNames))]
    public void A_golden_file_shows_every_field(string name)
    {
        var sample = Samples.All.Single(e => LedgerEvents.NameOf(e.GetType()) == name);
        Encoding.UTF8.GetString(LedgerEvents.Write(sample)).ShouldBe(Encoding.UTF8.GetString(Read($"{name}.v1.json")));
        sample.GetType().GetProperties().ShouldAllBe(p => p.GetValue(sample) != null);
    }

    [Theory]
    [MemberData(nameof(OldNames))]
    public void An_old_shape_is_lifted_to_the_current_one(string name)
    {
        byte[] lifted = LedgerEvents.Write(LedgerEvents.Read(name, Read($"{name}.v1.json")));
        Encoding.UTF8.GetString(lifted).ShouldBe(Encoding.UTF8.GetString(Read($"{name}.lifted.json")));
        LedgerEvents.IsKnown(name).ShouldBeFalse("an old name is read but no longer written");
    }

    [Fact]
    public void No_golden_file_is_left_over() => Directory.EnumerateFiles(Folder).Select(Path.GetFileName)
        .ShouldBe(
            [
                .. LedgerEvents.Names.Select(n => $"{n}.v1.json"),
                .. EventUpcasters.Names.SelectMany(n => new[] { $"{n}.v1.json", $"{n}.lifted.json" }),
            ],
            ignoreOrder: true);

    private static string Folder => Checkout.PathTo("tests", "CrmLedger.Tests", "Golden");

    /// <summary>The file without its final line break.</summary>
    private static byte[] Read(string fileName)
    {
        byte[] bytes = File.ReadAllBytes(Path.Combine(Folder, fileName));
        bytes[^1].ShouldBe((byte)'\n');
        return bytes[..^1];
    }
}
