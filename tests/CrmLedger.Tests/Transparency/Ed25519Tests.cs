using System.Numerics;
using System.Security.Cryptography;
using CrmLedger.Transparency;

namespace CrmLedger.Tests.Transparency;

public sealed class Ed25519Tests
{
    // The order of the group, RFC 8032 §5.1.
    private static readonly BigInteger Order =
        BigInteger.Pow(2, 252) + BigInteger.Parse("27742317777372353535851937790883648493");

    private static readonly byte[] Seed = SHA256.HashData("a seed"u8);
    private static readonly byte[] PublicKey = Ed25519.PublicKey(Seed);
    private static readonly byte[] Message = [.. "Promised is promised."u8];
    private static readonly byte[] Signature = Ed25519.Sign(Seed, Message);

    [Theory]
    [MemberData(nameof(Rfc8032Vectors.SeedPublicKeyMessageSignature), MemberType = typeof(Rfc8032Vectors))]
    public void Keys_and_signatures_are_the_published_ones(
        string seed, string publicKey, string message, string signature)
    {
        var bytes = Convert.FromHexString(message);

        Convert.ToHexStringLower(Ed25519.PublicKey(Convert.FromHexString(seed))).ShouldBe(publicKey);
        Convert.ToHexStringLower(Ed25519.Sign(Convert.FromHexString(seed), bytes)).ShouldBe(signature);
        Ed25519.Verify(Convert.FromHexString(publicKey), bytes, Convert.FromHexString(signature)).ShouldBeTrue();
    }

    [Fact]
    public void A_bit_flipped_in_key_message_or_signature_is_refused()
    {
        foreach (var flipped in Mutations.FlippedBits(Signature))
            Ed25519.Verify(PublicKey, Message, flipped).ShouldBeFalse();
        foreach (var flipped in Mutations.FlippedBits(Message))
            Ed25519.Verify(PublicKey, flipped, Signature).ShouldBeFalse();
        foreach (var flipped in Mutations.FlippedBits(PublicKey))
            Ed25519.Verify(flipped, Message, Signature).ShouldBeFalse();
    }

    [Fact]
    public void A_second_signature_made_by_adding_the_groups_order_is_refused()
    {
        var s = new BigInteger(Signature.AsSpan(32), isUnsigned: true);
        for (var times = 1; times <= 15; times++)
        {
            var malleated = new byte[64];
            Signature.AsSpan(0, 32).CopyTo(malleated);
            (s + (times * Order)).TryWriteBytes(malleated.AsSpan(32), out _, isUnsigned: true).ShouldBeTrue();
            Ed25519.Verify(PublicKey, Message, malleated).ShouldBeFalse();
        }
    }

    [Fact]
    public void Other_lengths_are_refused()
    {
        foreach (var length in new[] { 0, 31, 33, 63, 65, 128 })
        {
            Ed25519.Verify(PublicKey, Message, new byte[length]).ShouldBeFalse();
            Ed25519.Verify(new byte[length], Message, Signature).ShouldBeFalse();
            Should.Throw<ArgumentException>(() => Ed25519.Sign(new byte[length], Message));
            Should.Throw<ArgumentException>(() => Ed25519.PublicKey(new byte[length]));
        }

        Ed25519.Verify([.. PublicKey, 0], Message, Signature).ShouldBeFalse();
        Ed25519.Verify(PublicKey, Message, [.. Signature, 0]).ShouldBeFalse();
    }

    [Theory]
    [InlineData("0100000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("0100000000000000000000000000000000000000000000000000000000000080")]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")]
    [InlineData("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa")]
    [InlineData("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")]
    [InlineData("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")]
    [InlineData("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff")]
    public void A_key_under_which_one_signature_fits_many_messages_is_refused(string publicKey)
    {
        // R is the neutral point and S is zero: the equation then holds whenever the key's order divides the hash.
        var signature = new byte[64];
        signature[0] = 1;
        var key = Convert.FromHexString(publicKey);

        Ed25519.IsPublicKey(key).ShouldBeFalse();
        for (byte message = 0; message < 64; message++)
            Ed25519.Verify(key, [message], signature).ShouldBeFalse();
    }

    [Fact]
    public void Many_threads_sign_and_verify_at_once()
    {
        Parallel.For(0, 2000, i =>
        {
            var seed = SHA256.HashData(BitConverter.GetBytes(i % 7));
            var message = BitConverter.GetBytes(i);
            var signature = Ed25519.Sign(seed, message);
            Ed25519.Verify(Ed25519.PublicKey(seed), message, signature).ShouldBeTrue();
            Ed25519.Verify(PublicKey, message, signature).ShouldBeFalse();
        });
    }
}
