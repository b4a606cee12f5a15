namespace CrmLedger.PostgresTests.Verification;

/// <summary>A test that asks the second verifier, which runs on Node.js; npx fetches one that is new enough.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SecondVerifierFactAttribute : FactAttribute
{
    public SecondVerifierFactAttribute()
    {
        if (!SecondVerifier.IsThere)
            Skip = "There is no npx on this machine: install Node.js to run the second verifier.";
    }
}
