using CrmLedger.Transparency;

namespace CrmLedger.Tests.Transparency;

internal static class Refusals
{
    public static void ShouldBeFor(this ProofRefusal? refusal, ProofFault fault)
    {
        refusal.ShouldNotBeNull().Fault.ShouldBe(fault, refusal.Detail);
        refusal.Detail.ShouldNotBeNullOrWhiteSpace();
    }
}
