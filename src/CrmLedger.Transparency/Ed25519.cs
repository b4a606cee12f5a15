namespace CrmLedger.Transparency;

/// <summary>Ed25519 signatures, computed by OpenSSL: .NET has none of its own.</summary>
/// <remarks>
/// RFC 8032 §5.1, the pure variant without context or prehash; vectors of §7.1 in Ed25519Tests.cs. Signing is
/// deterministic. Stateless, so any thread may call it. Every method throws <see cref="DllNotFoundException"/> on a
/// machine without OpenSSL 3.
/// </remarks>
public static class Ed25519
{
    /// <summary>Bytes in a seed, which RFC 8032 calls the private key. Any 32 random bytes are one.</summary>
    public const int SeedLength = 32;

    /// <summary>Bytes in a public key: an encoded point.</summary>
    public const int PublicKeyLength = 32;

    /// <summary>Bytes in a signature: R ‖ S.</summary>
    public const int SignatureLength = 64;

    // The y coordinates of the eight points of small order. Under such a key one signature fits every message.
    private static readonly byte[][] SmallOrder =
    [
        Convert.FromHexString("0000000000000000000000000000000000000000000000000000000000000000"),
        Convert.FromHexString("0100000000000000000000000000000000000000000000000000000000000000"),
        Convert.FromHexString("ECFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF7F"),
        Convert.FromHexString("26E8958FC2B227B045C3F489F2EF98F0D5DFAC05D3C63339B13802886D53FC05"),
        Convert.FromHexString("C7176A703D4DD84FBA3C0B760D10670F2A2053FA2C39CCC64EC7FD7792AC037A"),
    ];

    /// <summary>The public key that belongs to a seed, 32 bytes.</summary>
    /// <param name="seed">32 secret bytes.</param>
    /// <exception cref="ArgumentException">The seed is not 32 bytes long.</exception>
    public static byte[] PublicKey(ReadOnlySpan<byte> seed)
    {
        using var key = PrivateKey(seed);
        return LibCrypto.PublicKey(key, PublicKeyLength);
    }

    /// <summary>Signs a message of any length, also an empty one; 64 bytes, always the same for the same.</summary>
    /// <param name="seed">32 secret bytes.</param>
    /// <param name="message">The whole message, not its hash.</param>
    /// <exception cref="ArgumentException">The seed is not 32 bytes long.</exception>
    public static byte[] Sign(ReadOnlySpan<byte> seed, ReadOnlySpan<byte> message)
    {
        using var key = PrivateKey(seed);
        return LibCrypto.Sign(key, message, SignatureLength);
    }

    /// <summary>Whether the signature was made over the message with the seed of the public key.</summary>
    /// <returns>
    /// False, never an exception, for anything malformed: other lengths, an S not below the group's order (which
    /// would let anyone make a second signature out of a first), and what <see cref="IsPublicKey"/> refuses.
    /// </returns>
    public static bool Verify(
        ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        if (signature.Length != SignatureLength || !IsPublicKey(publicKey))
            return false;
        using var key = LibCrypto.Ed25519PublicKey(publicKey);
        return LibCrypto.Verify(key, message, signature);
    }

    /// <summary>Whether these are 32 bytes that may stand for a key that somebody holds.</summary>
    /// <remarks>
    /// It refuses coordinates not below 2^255−19, which RFC 8032 §5.1.3 does not decode, and points of small order.
    /// It does not look whether the point is on the curve: under one that is not, no signature verifies.
    /// </remarks>
    public static bool IsPublicKey(ReadOnlySpan<byte> publicKey)
    {
        if (publicKey.Length != PublicKeyLength)
            return false;
        Span<byte> y = stackalloc byte[PublicKeyLength];
        publicKey.CopyTo(y);
        y[^1] &= 0x7F;
        if (y[0] >= 0xED && y[^1] == 0x7F && !y[1..^1].ContainsAnyExcept((byte)0xFF))
            return false;
        foreach (var point in SmallOrder)
        {
            if (y.SequenceEqual(point))
                return false;
        }

        return true;
    }

    private static LibCrypto.Key PrivateKey(ReadOnlySpan<byte> seed)
    {
        return seed.Length == SeedLength
            ? LibCrypto.Ed25519PrivateKey(seed)
            : throw new ArgumentException($"The seed has {seed.Length} bytes, not {SeedLength}.", nameof(seed));
    }
}
