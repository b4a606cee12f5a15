namespace CrmLedger.Tests.Transparency;

/// <summary>What a forger, or a bad disk, makes of bytes.</summary>
internal static class Mutations
{
    /// <summary>The bytes with one bit flipped, for every bit, or for about so many of them as are asked for.</summary>
    public static IEnumerable<byte[]> FlippedBits(byte[] bytes, int atMost = int.MaxValue)
    {
        // A step without a common factor with 8 visits every bit of a byte.
        var step = (8 * bytes.Length / atMost) | 1;
        for (var bit = 0; bit < 8 * bytes.Length; bit += step)
        {
            var flipped = bytes.ToArray();
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            yield return flipped;
        }
    }
}
