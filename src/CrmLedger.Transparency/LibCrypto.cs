using System.Reflection;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace CrmLedger.Transparency;

/// <summary>
/// The few functions of OpenSSL 3 that .NET does not offer, or not as fast. Callers have checked all lengths.
/// </summary>
/// <remarks>
/// OpenSSL manual pages EVP_PKEY_new(3), EVP_DigestSignInit(3), EVP_DigestVerifyInit(3) and EVP_DigestInit(3). OpenSSL
/// keeps errors in a queue of each thread, which .NET's own cryptography shares; each failure here is taken out of it.
/// </remarks>
internal static class LibCrypto
{
    private const string Library = "libcrypto";

    // NID_ED25519 in openssl/obj_mac.h.
    private const int Ed25519Type = 1087;

    [ThreadStatic]
    private static DigestContext? s_hashing;

    static LibCrypto()
    {
        NativeLibrary.SetDllImportResolver(typeof(LibCrypto).Assembly, Load);
    }

    /// <summary>SHA-256 into 32 bytes.</summary>
    /// <remarks>
    /// .NET looks the algorithm up in OpenSSL's providers, and makes a context, for every hash, which takes three times
    /// as long as hashing the few bytes of a node of a tree.
    /// </remarks>
    internal static void Sha256(ReadOnlySpan<byte> data, Span<byte> hash)
    {
        var context = s_hashing ??= Usable(EVP_MD_CTX_new());
        if (EVP_DigestInit_ex2(context, Fetched.Sha256, 0) != 1
            || EVP_DigestUpdate(context, ref MemoryMarshal.GetReference(data), (nuint)data.Length) != 1
            || EVP_DigestFinal_ex(context, ref MemoryMarshal.GetReference(hash), 0) != 1)
            throw Failure("hash");
    }

    internal static Key Ed25519PrivateKey(ReadOnlySpan<byte> seed)
    {
        return Usable(EVP_PKEY_new_raw_private_key(
            Ed25519Type, 0, ref MemoryMarshal.GetReference(seed), (nuint)seed.Length));
    }

    internal static Key Ed25519PublicKey(ReadOnlySpan<byte> publicKey)
    {
        return Usable(EVP_PKEY_new_raw_public_key(
            Ed25519Type, 0, ref MemoryMarshal.GetReference(publicKey), (nuint)publicKey.Length));
    }

    internal static byte[] PublicKey(Key key, int length)
    {
        var publicKey = new byte[length];
        var written = (nuint)length;
        if (EVP_PKEY_get_raw_public_key(key, ref publicKey[0], ref written) != 1 || written != (nuint)length)
            throw Failure("read a public key");
        return publicKey;
    }

    internal static byte[] Sign(Key key, ReadOnlySpan<byte> message, int signatureLength)
    {
        using var context = Usable(EVP_MD_CTX_new());
        var signature = new byte[signatureLength];
        var written = (nuint)signatureLength;
        if (EVP_DigestSignInit(context, 0, 0, 0, key) != 1
            || EVP_DigestSign(
                context, ref signature[0], ref written, ref MemoryMarshal.GetReference(message),
                (nuint)message.Length) != 1
            || written != (nuint)signatureLength)
            throw Failure("sign");
        return signature;
    }

    internal static bool Verify(Key key, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        using var context = Usable(EVP_MD_CTX_new());
        if (EVP_DigestVerifyInit(context, 0, 0, 0, key) != 1)
            throw Failure("prepare to verify");
        var verified = EVP_DigestVerify(
            context, ref MemoryMarshal.GetReference(signature), (nuint)signature.Length,
            ref MemoryMarshal.GetReference(message), (nuint)message.Length) == 1;
        if (!verified)
            ERR_clear_error();
        return verified;
    }

    private static T Usable<T>(T handle) where T : SafeHandle
    {
        return handle.IsInvalid ? throw Failure("make a " + typeof(T).Name) : handle;
    }

    private static CryptographicException Failure(string doing)
    {
        var text = new byte[256];
        ERR_error_string_n(ERR_get_error(), ref text[0], (nuint)text.Length);
        ERR_clear_error();
        var length = Array.IndexOf(text, (byte)0);
        return new CryptographicException(
            $"OpenSSL could not {doing}: {System.Text.Encoding.ASCII.GetString(text, 0, length)}");
    }

    // The file's version is part of its name on Debian and Ubuntu; the plain name comes only with header files.
    private static nint Load(string library, Assembly assembly, DllImportSearchPath? searchPath)
    {
        foreach (var file in (ReadOnlySpan<string>)["libcrypto.so.3", "libcrypto.so", "libcrypto.3.dylib"])
        {
            if (NativeLibrary.TryLoad(file, out var handle))
                return handle;
        }

        throw new DllNotFoundException("OpenSSL 3 was not found. On Debian and Ubuntu: apt install libssl3.");
    }

    [DllImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern Key EVP_PKEY_new_raw_private_key(int type, nint engine, ref byte bytes, nuint length);

    [DllImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern Key EVP_PKEY_new_raw_public_key(int type, nint engine, ref byte bytes, nuint length);

    [DllImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int EVP_PKEY_get_raw_public_key(Key key, ref byte bytes, ref nuint length);

    [DllImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern void EVP_PKEY_free(nint key);

    [DllImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern DigestContext EVP_MD_CTX_new();

    [DllImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern void EVP_MD_CTX_free(nint context);

    [DllImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern Digest EVP_MD_fetch(nint library, ref byte name, nint properties);

    [DllImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern void EVP_MD_free(nint digest);

    [DllImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int EVP_DigestInit_ex2(DigestContext context, Digest digest, nint parameters);

    [DllImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int EVP_DigestUpdate(DigestContext context, ref byte data, nuint length);

    [DllImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int EVP_DigestFinal_ex(DigestContext context, ref byte hash, nint length);

    [DllImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int EVP_DigestSignInit(
        DigestContext context, nint keyContext, nint digest, nint engine, Key key);

    [DllImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int EVP_DigestSign(
        DigestContext context, ref byte signature, ref nuint signatureLength, ref byte message, nuint messageLength);

    [DllImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int EVP_DigestVerifyInit(
        DigestContext context, nint keyContext, nint digest, nint engine, Key key);

    [DllImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int EVP_DigestVerify(
        DigestContext context, ref byte signature, nuint signatureLength, ref byte message, nuint messageLength);

    [DllImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern nuint ERR_get_error();

    [DllImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern void ERR_error_string_n(nuint error, ref byte text, nuint length);

    [DllImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern void ERR_clear_error();

    /// <summary>What is looked up once.</summary>
    private static class Fetched
    {
        internal static readonly Digest Sha256 =
            Usable(EVP_MD_fetch(0, ref MemoryMarshal.GetReference("SHA256\0"u8), 0));
    }

    /// <summary>An EVP_PKEY.</summary>
    internal sealed class Key() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
    {
        protected override bool ReleaseHandle()
        {
            EVP_PKEY_free(handle);
            return true;
        }
    }

    private sealed class Digest() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
    {
        protected override bool ReleaseHandle()
        {
            EVP_MD_free(handle);
            return true;
        }
    }

    private sealed class DigestContext() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
    {
        protected override bool ReleaseHandle()
        {
            EVP_MD_CTX_free(handle);
            return true;
        }
    }
}
