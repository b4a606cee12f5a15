namespace CrmLedger.Server.Demonstration;

/// <summary>
/// Chance that repeats itself: SplitMix64 (Steele, Lea and Flood 2014), written out here so that a newer runtime cannot
/// change a demonstration that was half seeded by an older one.
/// </summary>
/// <param name="seed">The same seed gives the same numbers, on every platform.</param>
internal sealed class Chance(ulong seed)
{
    private ulong _state = seed;

    /// <summary>A whole number from the least to the most, both included.</summary>
    public int Between(int least, int most) => least + (int)(Next() % (ulong)(most - least + 1));

    /// <summary>Whether something happens that happens so many times in a hundred.</summary>
    public bool Happens(int percent) => Between(1, 100) <= percent;

    /// <summary>One of them.</summary>
    public T Pick<T>(IReadOnlyList<T> from) => from[Between(0, from.Count - 1)];

    /// <summary>So many different ones of them, in any order.</summary>
    public T[] Pick<T>(IReadOnlyList<T> from, int count)
    {
        T[] all = [.. from];
        Shuffle(all);
        return all[..count];
    }

    /// <summary>Puts them into another order.</summary>
    public void Shuffle<T>(T[] cards)
    {
        for (int i = cards.Length - 1; i > 0; i--)
        {
            int other = Between(0, i);
            (cards[i], cards[other]) = (cards[other], cards[i]);
        }
    }

    private ulong Next()
    {
        ulong z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
        z = (z ^ z >> 27) * 0x94D049BB133111EB;
        return z ^ z >> 31;
    }
}

/// <summary>
/// A shuffled deck that is dealt to its end before it is shuffled again. So shares come out as they were meant, and
/// nothing that is in the deck stays away for long, whatever the seed.
/// </summary>
/// <param name="chance">Shuffles.</param>
/// <param name="cards">Each card, and how often it is in the deck.</param>
internal sealed class Deck<T>(Chance chance, params IReadOnlyList<(T Card, int Count)> cards)
{
    private readonly T[] _cards = [.. cards.SelectMany(c => Enumerable.Repeat(c.Card, c.Count))];
    private int _left;

    /// <summary>The next card.</summary>
    public T Deal()
    {
        if (_left == 0)
        {
            chance.Shuffle(_cards);
            _left = _cards.Length;
        }
        return _cards[--_left];
    }
}
