using System.Security.Cryptography;
using CrmLedger.Postgres;
using CrmLedger.Transparency;

namespace CrmLedger.Cli.Witnessing;

/// <summary>A witness's own key, in its state folder, its owner's only.</summary>
internal static class WitnessKey
{
    /// <summary>Reads the key, which is made when there is none.</summary>
    /// <param name="folder">The state folder.</param>
    /// <param name="name">What the witness is to be called; null for what it is called, or else after the host.</param>
    /// <exception cref="CliFailure">The name cannot be one or is not the key's, or the file holds no key.</exception>
    public static (SignerKey Key, bool IsNew) ReadOrMake(string folder, string? name)
    {
        string file = Path.Combine(folder, "witness.key");
        bool isNew = !File.Exists(file) && Make(file, name ?? $"{Environment.MachineName}/witness");
        var key = Read(file);
        return name is null || name == key.Verifier.Name
            ? (key, isNew)
            : throw new CliFailure(ExitCode.Usage, $"This witness is called '{key.Verifier.Name}', not '{name}': a key "
                + "keeps its name. For another one, give another --state folder.");
    }

    private static SignerKey Read(string file)
    {
        try
        {
            var key = SignerKey.Parse(File.ReadAllText(file).TrimEnd('\n'));
            return key.Verifier.Kind == SignatureKind.Cosignature
                ? key
                : throw new FormatException("It signs as a log does.");
        }
        catch (FormatException unusable)
        {
            throw new CliFailure(
                ExitCode.Failed, $"{file} holds no key of a witness: {unusable.Message}", unusable);
        }
    }

    /// <summary>The whole key gets its name in one step; of several processes that make one, all take one.</summary>
    private static bool Make(string file, string name)
    {
        SignerKey key;
        try
        {
            key = new SignerKey(
                name, SignatureKind.Cosignature, RandomNumberGenerator.GetBytes(Ed25519.SeedLength));
        }
        catch (ArgumentException refused)
        {
            throw new CliFailure(ExitCode.Usage, $"--name: {refused.Message}", refused);
        }
        string draft = $"{file}.{Guid.CreateVersion7():N}";
        try
        {
            UnixFiles.Replace(draft, key.ToSecretText() + "\n", UnixFiles.OwnerOnlyFile);
            return UnixFiles.TryLink(draft, file);
        }
        finally
        {
            File.Delete(draft);
        }
    }
}
