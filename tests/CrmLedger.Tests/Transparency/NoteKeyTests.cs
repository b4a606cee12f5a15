using CrmLedger.Transparency;

namespace CrmLedger.Tests.Transparency;

public sealed class NoteKeyTests
{
    private const string PeterKey = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    private const string PeterSecret =
        "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";

    [Theory]
    [InlineData(PeterKey, "PeterNeumann", SignatureKind.Ed25519, 0xc74f20a3)]
    [InlineData("EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop", "EnochRoot",
        SignatureKind.Ed25519, 0xaf0cfe78)]
    [InlineData("remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2", "remora.n621.de",
        SignatureKind.Cosignature, 0xda77ade7)]
    public void Published_keys_are_read_and_written_again(string text, string name, SignatureKind kind, uint keyId)
    {
        var key = VerifierKey.Parse(text);

        key.Name.ShouldBe(name);
        key.Kind.ShouldBe(kind);
        key.KeyId.ShouldBe(keyId);
        key.ToString().ShouldBe(text);
    }

    [Fact]
    public void A_published_secret_key_is_read_and_written_again()
    {
        var key = SignerKey.Parse(PeterSecret);

        key.Verifier.ToString().ShouldBe(PeterKey);
        key.ToSecretText().ShouldBe(PeterSecret);
    }

    [Fact]
    public void A_witness_keeps_its_key_in_the_same_way()
    {
        var key = new SignerKey("witness.example/w1", SignatureKind.Cosignature, new byte[32]);

        SignerKey.Parse(key.ToSecretText()).Verifier.ToString().ShouldBe(key.Verifier.ToString());
    }

    [Fact]
    public void A_part_of_a_key_and_a_key_with_another_character_are_refused()
    {
        foreach (var mangled in Mangled(PeterKey))
            Should.Throw<FormatException>(() => VerifierKey.Parse(mangled), mangled);
        foreach (var mangled in Mangled(PeterSecret))
        {
            // What is secret does not get into a log by way of an exception.
            Should.Throw<FormatException>(() => SignerKey.Parse(mangled), mangled).Message
                .ShouldNotContain("AYEKFALVFGyNhPJEMzD1QIDr");
        }
    }

    [Theory]
    [InlineData("PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==")]
    [InlineData("PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")]
    [InlineData("PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")]
    [InlineData("PeterNeumann+0xc74f20+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")]
    [InlineData("+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")]
    [InlineData("rekor.sigstore.dev+12345678+THIS_IS_NOT_BASE64!")]
    [InlineData("bananas.sigstore.dev+12344556")]
    [InlineData("")]
    public void Other_types_lengths_and_spellings_are_refused(string text)
    {
        Should.Throw<FormatException>(() => VerifierKey.Parse(text));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("a+b")]
    [InlineData("a\u3000b")]
    [InlineData("a\nb")]
    [InlineData("a\u0001b")]
    public void A_name_that_could_not_stand_in_a_signature_line_is_refused(string name)
    {
        Should.Throw<ArgumentException>(() => new SignerKey(name, SignatureKind.Ed25519, new byte[32]));
    }

    [Fact]
    public void A_name_with_half_a_character_is_refused()
    {
        Should.Throw<ArgumentException>(() => new SignerKey("a\uD800b", SignatureKind.Ed25519, new byte[32]));
    }

    [Fact]
    public void A_key_signs_in_one_way_only()
    {
        var log = new SignerKey("log.example", SignatureKind.Ed25519, new byte[32]);
        var witness = new SignerKey("witness.example", SignatureKind.Cosignature, new byte[32]);
        var checkpoint = new Checkpoint("log.example", 0, MerkleTree.EmptyRoot);

        Should.Throw<InvalidOperationException>(() => witness.Sign(checkpoint.Text));
        Should.Throw<InvalidOperationException>(() => log.Cosign(checkpoint, 0));
        Should.Throw<ArgumentOutOfRangeException>(() => witness.Cosign(checkpoint, -1));
        Should.Throw<ArgumentException>(() => new SignerKey("a", (SignatureKind)2, new byte[32]));
        Should.Throw<ArgumentException>(() => new SignerKey("a", SignatureKind.Ed25519, new byte[31]));
    }

    private static IEnumerable<string> Mangled(string text)
    {
        for (var start = 0; start < text.Length; start++)
        {
            for (var end = start + 1; end <= text.Length; end++)
            {
                if (end - start < text.Length)
                    yield return text[start..end];
            }
        }

        for (var at = 0; at < text.Length; at++)
            yield return $"{text[..at]}{(char)(text[at] + 1)}{text[(at + 1)..]}";
    }
}
