using System.Numerics;

namespace CrmLedger.Touchpoints;

/// <summary>Counts touchpoints, and how they went with and without each practice. Not for several threads.</summary>
public sealed class TouchpointTally
{
    private readonly long[] _channels = new long[Enum.GetValues<Channel>().Length];
    private readonly long[] _tones = new long[Enum.GetValues<Tone>().Length];
    private readonly Outcomes[] _with = new Outcomes[Practices.Count];

    /// <summary>Every practice.</summary>
    public static IReadOnlyList<Practice> Practices { get; } = Enum.GetValues<Practice>();

    /// <summary>How all of them went.</summary>
    public Outcomes All { get; private set; }

    /// <summary>
    /// How those went for which at least one practice was noted. Of the others nobody knows what was done in them, so
    /// that they are neither with nor without.
    /// </summary>
    public Outcomes Noted { get; private set; }

    /// <summary>How long those took whose length is known, seconds.</summary>
    public long Seconds { get; private set; }

    /// <summary>Of how many the length is known.</summary>
    public long Timed { get; private set; }

    /// <summary>How many came about by each way.</summary>
    public IReadOnlyList<long> Channels => _channels;

    /// <summary>How many had each tone.</summary>
    public IReadOnlyList<long> Tones => _tones;

    /// <summary>How those went in which a practice was noted.</summary>
    public Outcomes With(Practice practice) => _with[(int)practice];

    /// <summary>How those went in which others were noted and this one was not.</summary>
    public Outcomes Without(Practice practice) => Noted.Without(With(practice));

    /// <summary>Counts one more.</summary>
    public void Add(in CountedTouchpoint one)
    {
        var outcomes = Outcomes.Of(one);
        All = All.Plus(outcomes);
        _channels[(int)one.Channel]++;
        if (one.Tone is { } tone)
            _tones[(int)tone]++;
        if (one.Seconds >= 0)
            (Seconds, Timed) = (Seconds + one.Seconds, Timed + 1);
        if (one.Practices == 0)
            return;
        Noted = Noted.Plus(outcomes);
        for (int left = one.Practices; left != 0; left &= left - 1)
        {
            ref var with = ref _with[BitOperations.TrailingZeroCount(left)];
            with = with.Plus(outcomes);
        }
    }
}
