using System.Text.Json;
using CrmLedger.Server.Hosting;

namespace CrmLedger.Tests.Hosting;

public sealed class SettingsFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("crmledger-settings-").FullName;

    private string Path => System.IO.Path.Combine(_folder, "settings.json");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_first_one_holds_the_address_and_the_key_for_their_owner_only()
    {
        new SettingsFile(Path).Write("http://127.0.0.1:5470", "crm_demo_1_s");

        Written().ShouldBe("""{"url":"http://127.0.0.1:5470","key":"crm_demo_1_s"}""");
        new SettingsFile(Path).ReadKey().ShouldBe("crm_demo_1_s");
        if (!OperatingSystem.IsWindows())
            File.GetUnixFileMode(Path).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Directory.GetFiles(_folder).ShouldBe([Path]);
    }

    [Fact]
    public void What_its_owner_put_there_stays_and_the_address_is_ours()
    {
        File.WriteAllText(Path, """{"note":{"mine":1},"url":"http://old","key":"crm_acme_1_s"}""");
        new SettingsFile(Path).Write("http://new", key: null);

        Written().ShouldBe("""{"note":{"mine":1},"url":"http://new","key":"crm_acme_1_s"}""");
    }

    [Theory]
    [InlineData("{")]
    [InlineData("[]")]
    public void One_that_is_no_object_is_kept_beside_the_new_one(string text)
    {
        File.WriteAllText(Path, text);
        new SettingsFile(Path).Write("http://new", key: null);

        Written().ShouldBe("""{"url":"http://new"}""");
        File.ReadAllText(Path + ".broken").ShouldBe(text);
    }

    [Fact]
    public void A_key_that_is_no_text_is_none()
    {
        File.WriteAllText(Path, """{"key":7}""");
        new SettingsFile(Path).ReadKey().ShouldBeNull();
    }

    private string Written() => JsonElement.Parse(File.ReadAllText(Path)).GetRawText();
}
