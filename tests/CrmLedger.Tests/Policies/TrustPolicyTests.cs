using CrmLedger.Policies;
using CrmLedger.Trust;
using static CrmLedger.Tests.DeciderSpecification;
using static CrmLedger.Tests.Known;

namespace CrmLedger.Tests.Policies;

public class TrustPolicyTests
{
    private static readonly AdoptTrustPolicy s_heavierDisputes =
        new("disputes hurt us more", HalfLifeDays: 120, Prior: 2.5m, Start: 0.6m, PromiseDisputed: 8.125m);

    [Fact]
    public void A_policy_is_adopted_whole() => ThePolicies.When(s_heavierDisputes).Then(PolicyAdopted);

    [Fact]
    public void Adopting_what_holds_already_changes_nothing()
    {
        ThePolicies.Given(PolicyAdopted).When(s_heavierDisputes).Then();
        ThePolicies.When(new AdoptTrustPolicy("as it is")).Then();
    }

    [Fact]
    public void The_policy_that_holds_is_the_last_one_and_each_holds_from_its_own_position()
    {
        var trust = PolicyStream.Fold([Entry(PolicyAdopted, At(Noon), 5)]).Trust;
        trust.WeightOf(EvidenceKind.PromiseDisputed, 3).ShouldBe(5_000);
        trust.WeightOf(EvidenceKind.PromiseDisputed, 4).ShouldBe(8_125);
        trust.Current.ShouldBe(TrustPolicy.Of(PolicyAdopted));
        (trust.Current.HalfLife, trust.Current.PriorThousandths, trust.Current.StartThousandths)
            .ShouldBe((TimeSpan.FromDays(120), 2_500, 600));
    }

    [Fact]
    public void Every_kind_of_evidence_has_a_weight()
    {
        TrustPolicy.Default.WeightsThousandths.Keys.ShouldBe(Enum.GetValues<EvidenceKind>());
        TrustPolicy.Of(PolicyAdopted).WeightsThousandths.Keys.ShouldBe(Enum.GetValues<EvidenceKind>());
    }
}
