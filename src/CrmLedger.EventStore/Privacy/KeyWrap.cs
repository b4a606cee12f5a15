using System.Security.Cryptography;
using System.Text;

namespace CrmLedger.EventStore.Privacy;

/// <summary>
/// AES-256-GCM with a random nonce (NIST SP 800-38D). A wrapped value is nonce (12 bytes) ‖ ciphertext ‖ tag
/// (16 bytes); its label is authenticated with it, so that a key cannot be moved to another owner's row.
/// </summary>
public static class KeyWrap
{
    /// <summary>Bytes of a key.</summary>
    public const int KeyBytes = 32;

    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    /// <summary>A new random key.</summary>
    public static byte[] NewKey() => RandomNumberGenerator.GetBytes(KeyBytes);

    /// <summary>Encrypts.</summary>
    public static byte[] Wrap(ReadOnlySpan<byte> key, ReadOnlySpan<byte> secret, string label)
    {
        byte[] wrapped = new byte[NonceBytes + secret.Length + TagBytes];
        RandomNumberGenerator.Fill(wrapped.AsSpan(0, NonceBytes));
        using var aes = SetUp(key);
        aes.Encrypt(wrapped.AsSpan(0, NonceBytes), secret, wrapped.AsSpan(NonceBytes, secret.Length),
            wrapped.AsSpan(NonceBytes + secret.Length), Encoding.UTF8.GetBytes(label));
        return wrapped;
    }

    /// <summary>Decrypts.</summary>
    /// <exception cref="CryptographicException">Another key, another label, or altered bytes.</exception>
    public static byte[] Unwrap(ReadOnlySpan<byte> key, ReadOnlySpan<byte> wrapped, string label)
    {
        using var aes = SetUp(key);
        return Unwrap(aes, wrapped, label);
    }

    /// <summary>A key made ready to decrypt several values.</summary>
    internal static AesGcm SetUp(ReadOnlySpan<byte> key) => new(key, TagBytes);

    /// <inheritdoc cref="Unwrap(ReadOnlySpan{byte}, ReadOnlySpan{byte}, string)" />
    internal static byte[] Unwrap(AesGcm key, ReadOnlySpan<byte> wrapped, string label)
    {
        if (wrapped.Length < NonceBytes + TagBytes)
            throw new CryptographicException("The wrapped value is too short.");
        byte[] secret = new byte[wrapped.Length - NonceBytes - TagBytes];
        key.Decrypt(wrapped[..NonceBytes], wrapped[NonceBytes..^TagBytes], wrapped[^TagBytes..], secret,
            Encoding.UTF8.GetBytes(label));
        return secret;
    }
}
