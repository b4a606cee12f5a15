using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace CrmLedger.EventStore.Privacy;

/// <summary>
/// Personal text under its subject's data key. A sealed text is <c>sealed.1.{subject}.{base64url}</c>: the subject
/// tells which key opens it wherever it has been carried; the bytes are <see cref="KeyWrap" />'s.
/// </summary>
public static class Sealing
{
    private const string Prefix = "sealed.1.";

    /// <summary>What stands in an answer where the subject's key was destroyed.</summary>
    public const string Erased = "[erased]";

    /// <summary>What stands there where the key is missing and nobody was erased, or cannot be opened.</summary>
    public const string Unreadable = "[unreadable]";

    /// <summary>Encrypts.</summary>
    public static Sealed Seal(Guid subjectId, byte[] key, string clear)
    {
        byte[] wrapped = KeyWrap.Wrap(key, Encoding.UTF8.GetBytes(clear), Label(subjectId));
        return new($"{Prefix}{subjectId:N}.{Base64Url.EncodeToString(wrapped)}");
    }

    /// <summary>Whose key opens it, or null when it is not a sealed text.</summary>
    public static Guid? SubjectOf(Sealed text)
    {
        string s = text.Ciphertext;
        return s.Length > Prefix.Length + 33 && s.StartsWith(Prefix, StringComparison.Ordinal)
            && s[Prefix.Length + 32] == '.' && Guid.TryParseExact(s.AsSpan(Prefix.Length, 32), "N", out var subject)
                ? subject
                : null;
    }

    /// <summary>Decrypts.</summary>
    /// <param name="text">A sealed text.</param>
    /// <param name="key">
    /// Its subject's data key; null when it was destroyed, <see cref="SubjectKeys.Lost" /> when it was lost.
    /// </param>
    /// <exception cref="CryptographicException">Another key, or altered text.</exception>
    public static string Open(Sealed text, byte[]? key)
    {
        if (key is null)
            return Erased;
        if (key.Length == 0)
            return Unreadable;
        using var set = KeyWrap.SetUp(key);
        return Open(text, set);
    }

    /// <summary>
    /// Decrypts texts of one subject to compare them with something: the key is set up once, which takes as long as
    /// to open one.
    /// </summary>
    /// <param name="key">As in <see cref="Open(Sealed, byte[])" />.</param>
    /// <param name="texts">The texts.</param>
    /// <returns>Each in clear; null where there is none, no key for it, or nothing that this key opens.</returns>
    public static string?[] OpenEach(byte[]? key, params ReadOnlySpan<Sealed?> texts)
    {
        string?[] clear = new string?[texts.Length];
        if (key is not { Length: > 0 })
            return clear;
        using var set = KeyWrap.SetUp(key);
        for (int i = 0; i < texts.Length; i++)
        {
            try
            {
                clear[i] = texts[i] is { } text ? Open(text, set) : null;
            }
            catch (Exception notSealed) when (notSealed is CryptographicException or FormatException)
            {
                // Nobody is called by what nobody can read.
            }
        }
        return clear;
    }

    private static string Open(Sealed text, AesGcm key)
    {
        var subject = SubjectOf(text) ?? throw new CryptographicException("This is not a sealed text.");
        byte[] wrapped = Base64Url.DecodeFromChars(text.Ciphertext.AsSpan(Prefix.Length + 33));
        return Encoding.UTF8.GetString(KeyWrap.Unwrap(key, wrapped, Label(subject)));
    }

    private static string Label(Guid subjectId) => $"text {subjectId:N}";
}
