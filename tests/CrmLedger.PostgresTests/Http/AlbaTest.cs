using Alba;

namespace CrmLedger.PostgresTests.Http;

/// <summary>A test against a ledger in memory, with a tenant and a key of its own.</summary>
public abstract class AlbaTest(AlbaLedger ledger) : LedgerTest(ledger), IClassFixture<AlbaLedger>
{
    /// <summary>Asks with the test's key, unless the scenario says otherwise.</summary>
    protected Task<Answer> AskAsync(Action<Scenario> scenario) => ((AlbaLedger)Ledger).AskAsync(s =>
    {
        s.WithBearerToken(Http.Key);
        scenario(s);
    });
}
