using CrmLedger.Imports;
using static CrmLedger.Tests.DeciderSpecification;
using static CrmLedger.Tests.Known;

namespace CrmLedger.Tests.Imports;

public class ImportTests
{
    [Fact]
    public void Declaring_a_running_import_again_changes_nothing() => AnImport
        .Given(new ImportDeclared(ImportId, "csv", "a.csv", Sha256))
        .When(new DeclareImport(ImportId, "csv", "a.csv", Sha256)).Then();
}
