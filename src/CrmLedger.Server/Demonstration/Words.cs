using CrmLedger.Promises;

namespace CrmLedger.Server.Demonstration;

/// <summary>
/// What people say and write in the year. Where a text has <c>{0}</c>, what is installed is put in.
/// </summary>
internal static class Words
{
    /// <summary>The kinds of promise, each with what will be true when one is kept.</summary>
    public static IReadOnlyDictionary<string, string[]> Conditions { get; } = new Dictionary<string, string[]>
    {
        ["quote"] =
        [
            "A written quote for {0} is in the customer's inbox.",
            "The customer has a quote with two variants of {0} and a price for each.",
        ],
        ["installation"] =
        [
            "{0} is installed, tested and explained.",
            "{0} works, and the rubbish is gone.",
        ],
        ["documents"] =
        [
            "The permit for {0} is applied for and the customer has a copy.",
            "The warranty papers of {0} are with the customer.",
        ],
        ["call_back"] =
        [
            "Somebody who knows the case has called back about {0}.",
            "The customer knows which day the fitters come.",
        ],
        ["repair"] =
        [
            "What was wrong with {0} is mended and shown to the customer.",
            "The missing part of {0} is fitted.",
        ],
        ["service_visit"] =
        [
            "The yearly check of {0} is done and its report is with the customer.",
        ],
    };

    /// <summary>What each team installs.</summary>
    public static IReadOnlyDictionary<string, string[]> Products { get; } = new Dictionary<string, string[]>
    {
        ["heating"] = ["the heat pump", "the floor heating", "the boiler"],
        ["solar"] = ["the roof panels", "the battery", "the wall box"],
        ["kitchens"] = ["the kitchen", "the worktop", "the built-in oven"],
    };

    /// <summary>What a customer can like or need.</summary>
    public static IReadOnlyList<(string Key, string Value)> Preferences { get; } =
    [
        ("contact_time", "Call after four in the afternoon."),
        ("contact_channel", "Write first, call only when it is urgent."),
        ("site_access", "The key is with the neighbour on the left."),
        ("noise", "A small child sleeps from one to three; no drilling then."),
        ("budget", "The loan covers it only if it is one invoice."),
        ("finish", "Matt surfaces, nothing that shines."),
        ("energy", "Wants to see the daily figures on the telephone."),
    ];

    /// <summary>Why a customer declines what was proposed.</summary>
    public static IReadOnlyList<string> Declined { get; } =
        ["Another offer was cheaper.", "Wants to wait for the next subsidy.", "It took us too long to answer."];

    /// <summary>Why a date or a member changes.</summary>
    public static IReadOnlyList<string> Moved { get; } =
    [
        "The supplier delivers later than confirmed.", "A fitter is ill.", "The electrician's inspection moved.",
        "The screed must dry for longer.",
    ];

    /// <summary>Why something is handed to another member.</summary>
    public static IReadOnlyList<string> HandedOver { get; } =
        ["Is on holiday from tomorrow.", "Knows this model better.", "Is closer to the site."];

    /// <summary>Why a promise is taken back or a follow-up is dropped.</summary>
    public static IReadOnlyList<string> TakenBack { get; } =
        ["The model is no longer made.", "The building does not allow it.", "It was settled in another talk."];

    /// <summary>What is said in an enquiry.</summary>
    public static IReadOnlyList<string> Enquiries { get; } =
    [
        "Asks what {0} would cost and how long it takes.", "Saw {0} at a neighbour's and wants the same.",
        "Wants advice on {0} before the winter.", "Asks whether {0} fits an old house.",
    ];

    /// <summary>What is said in an enquiry by somebody for whom we worked before.</summary>
    public static IReadOnlyList<string> LaterEnquiries { get; } =
    [
        "Asks what a yearly check of {0} costs.", "Wants {0} looked at before the guarantee ends.",
        "Asks whether {0} can be extended.",
    ];

    /// <summary>What is said when something was done.</summary>
    public static IReadOnlyList<string> Done { get; } =
    [
        "Went through what was done; no open questions.",
        "Said that it is done, as agreed, and asked whether all is well.",
        "Told the customer that it is done and what comes next.",
    ];

    /// <summary>What a customer is unhappy about, with its topic.</summary>
    public static IReadOnlyList<(string Topic, string Text)> Concerns { get; } =
    [
        ("punctuality", "Nobody came on the agreed day and nobody called."),
        ("quality", "{0} makes a noise that it did not make at first."),
        ("communication", "Was told three different things by three people."),
        ("cleanliness", "The stairs were left full of dust."),
        ("invoice", "The invoice is higher than the quote."),
        ("delivery", "A part of {0} is missing."),
    ];

    /// <summary>How a concern was put right.</summary>
    public static IReadOnlyList<string> Resolved { get; } =
        ["Went there, apologised and put it right.", "Corrected the invoice.", "Changed the part free of charge."];

    /// <summary>What customers say when they are pleased.</summary>
    public static IReadOnlyList<string> Praise { get; } =
    [
        "They came when they said they would.", "Everything was explained so that I understood it.",
        "Clean work, friendly people.", "They called before I had to ask.",
    ];

    /// <summary>What customers say when they are not.</summary>
    public static IReadOnlyList<string> Blame { get; } =
    [
        "I had to call three times.", "Good work in the end, but two weeks late.",
        "Nobody told me that the date had moved.", "I would have liked one person to talk to.",
    ];

    /// <summary>What the business did because of feedback.</summary>
    public static IReadOnlyList<string> Acted { get; } =
    [
        "Every customer now has one named contact.", "The fitters call half an hour before they come.",
        "Talked it through with the team and changed the checklist.",
    ];

    /// <summary>Why a promise was missed.</summary>
    public static string Note(MissCause cause) => cause switch
    {
        MissCause.Capacity => "Two fitters for three sites that week.",
        MissCause.Dependency => "The supplier's lorry came four days late.",
        MissCause.Misunderstanding => "We meant the first visit, the customer meant all of it.",
        MissCause.Forgotten => "It was on nobody's list.",
        MissCause.Product => "The controller failed its first test and had to be replaced.",
        MissCause.Customer => "The cellar was not cleared in time.",
        _ => "The road was closed after the storm.",
    };
}
