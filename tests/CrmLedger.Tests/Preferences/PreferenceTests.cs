using CrmLedger.Preferences;
using static CrmLedger.Tests.DeciderSpecification;
using static CrmLedger.Tests.Known;

namespace CrmLedger.Tests.Preferences;

public class PreferenceTests
{
    [Fact]
    public void The_last_word_on_a_preference_holds() => ACustomer.Given(Preferred)
        .When(new RecordPreference("contact_time", Secret, PreferenceSource.Observed))
        .Then(Preferred with { Source = PreferenceSource.Observed });

    [Fact]
    public void A_solution_answers_recorded_preferences_and_the_rejection_names_the_others()
    {
        var outcome = ACustomer.Given(Preferred)
            .When(new ProposeSolution("s1", Secret, ["colour", "contact_time", "size"]));
        outcome.ThenRejected(RejectionCode.PreferenceUnknown, "preferenceKeys");
        outcome.Decision.Rejection!.Detail.ShouldContain("'colour', 'size'");
        ACustomer.Given(Preferred).When(new ProposeSolution("s1", Secret, ["contact_time", "contact_time"]))
            .ThenRejected(RejectionCode.ListedTwice, "preferenceKeys");
    }

    [Fact]
    public void A_solution_may_answer_no_preference() =>
        ACustomer.When(new ProposeSolution("s1", Secret)).Then(Solved with { PreferenceKeys = [] });

    [Fact]
    public void An_import_may_bring_the_solution_first() => ACustomer
        .When(new ProposeSolution("s1", Secret, ["contact_time"]), Imported(Noon)).Then(Solved);

    [Fact]
    public void A_solution_is_answered_once()
    {
        ACustomer.Given(Solved, new SolutionAccepted("s1")).When(new DeclineSolution("s1", "too dear"))
            .ThenRejected(RejectionCode.SolutionAnswered);
        ACustomer.Given(Solved, new SolutionDeclined("s1", "too dear")).When(new AcceptSolution("s1"))
            .ThenRejected(RejectionCode.SolutionAnswered);
    }
}
