namespace CrmLedger.Server.Demonstration;

/// <summary>A member of the business.</summary>
/// <param name="Reference">The business's own reference.</param>
/// <param name="Name">Invented, like every name here.</param>
/// <param name="Team">The team joined.</param>
/// <param name="MovesTo">The team moved to later in the year, or null.</param>
internal sealed record Colleague(string Reference, string Name, string Team, string? MovesTo = null)
{
    /// <summary>The working day on which somebody moves to another team.</summary>
    public const int MoveDay = -120;

    /// <summary>The team on a day.</summary>
    public string TeamOn(int day) => MovesTo is not null && day > MoveDay ? MovesTo : Team;
}

/// <summary>A customer of the business.</summary>
/// <param name="Index">From 0, in the order in which they came.</param>
/// <param name="Name">Invented.</param>
/// <param name="Segment">The business's own grouping.</param>
internal sealed record Client(int Index, string Name, string Segment)
{
    /// <summary>The business's own reference.</summary>
    public string Reference => $"C-{1001 + Index}";
}

/// <summary>Who plays in the year: the members, and the customers.</summary>
internal static class Cast
{
    /// <summary>How many customers there are, without the one who is entered twice.</summary>
    public const int Clients = 60;

    /// <summary>The teams, by what they install.</summary>
    public static IReadOnlyList<string> Teams { get; } = ["heating", "solar", "kitchens"];

    /// <summary>The members.</summary>
    public static IReadOnlyList<Colleague> Members { get; } =
    [
        new("ida.brandt", "Ida Brandt", "heating"),
        new("oskar.lind", "Oskar Lind", "heating"),
        new("mira.solano", "Mira Solano", "heating"),
        new("tomas.weir", "Tomas Weir", "solar"),
        new("leila.norrby", "Leila Norrby", "solar"),
        new("anton.kasper", "Anton Kasper", "kitchens", MovesTo: "solar"),
        new("ruth.ambler", "Ruth Ambler", "kitchens"),
        new("pavel.dorn", "Pavel Dorn", "kitchens"),
    ];

    private static readonly string[] s_first =
    [
        "Agnes", "Bruno", "Clara", "Dario", "Elsa", "Felix", "Greta", "Hugo", "Irene", "Jonas", "Karin", "Luca",
        "Marta", "Nils", "Olga", "Piet", "Rosa", "Sven", "Tilda", "Ulrik", "Vera", "Wim", "Yara",
    ];

    private static readonly string[] s_last =
    [
        "Alder", "Birkett", "Corvin", "Dahlmann", "Estevo", "Fennimore", "Grauer", "Hollis", "Iversund", "Jarnow",
        "Kestle", "Lorimer", "Mattsby", "Norwick", "Ostrander", "Pellier", "Quant", "Rosling",
        "Stavely", "Thornby", "Umbach", "Vintner", "Wexley", "Zeller", "Ashgrove",
    ];

    private static readonly string[] s_trades =
        ["Bakery", "Dental Practice", "Joinery", "Bookshop", "Guesthouse", "Kindergarten", "Flower Shop"];

    /// <summary>The customer of an index: households, landlords and businesses by turns.</summary>
    public static Client ClientOf(int index)
    {
        string last = s_last[index * 7 % s_last.Length];
        string full = $"{s_first[index * 5 % s_first.Length]} {last}";
        return (index % 5) switch
        {
            2 => new(index, $"{full} Lettings", "landlord"),
            4 => new(index, $"{last} {s_trades[index / 5 % s_trades.Length]}", "business"),
            _ => new(index, full, "household"),
        };
    }
}
