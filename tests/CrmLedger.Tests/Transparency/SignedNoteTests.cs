using System.Text;
using CrmLedger.Transparency;

namespace CrmLedger.Tests.Transparency;

/// <summary>With the keys and notes of the tests of golang.org/x/mod/sumdb/note.</summary>
public sealed class SignedNoteTests
{
    private const string PeterKey = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    private const string PeterSecret =
        "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";

    private const string EnochKey = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop";
    private const string Text =
        "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";

    private const string PeterLine = "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSN"
        + "XgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

    private const string EnochLine = "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ov"
        + "TG01oOTGwnWLox33WWd1RvMc+QQ=\n";

    private static readonly VerifierKey Peter = VerifierKey.Parse(PeterKey);
    private static readonly VerifierKey Enoch = VerifierKey.Parse(EnochKey);

    [Fact]
    public void The_published_note_is_made_byte_for_byte()
    {
        var note = SignedNote.Sign(Text, SignerKey.Parse(PeterSecret));

        Encoding.UTF8.GetString(note.ToUtf8()).ShouldBe(Text + "\n" + PeterLine);
    }

    [Fact]
    public void The_published_note_verifies_under_either_key_and_both()
    {
        var note = Parse(Text + "\n" + PeterLine + EnochLine);

        note.Text.ShouldBe(Text);
        foreach (VerifierKey[] keys in (VerifierKey[][])[[Peter], [Enoch], [Peter, Enoch]])
        {
            note.Check(keys, out var verified).ShouldBeNull();
            verified.Select(signature => signature.Key).ShouldBe(keys);
            verified.ShouldAllBe(signature => signature.UnixSeconds == null);
        }
    }

    [Fact]
    public void A_note_that_no_trusted_key_has_signed_is_refused()
    {
        var note = Parse(Text + "\n" + PeterLine);

        note.Check([Enoch], out var verified).ShouldBeFor(ProofFault.NotSigned);
        verified.ShouldBeEmpty();
        note.Check([], out _).ShouldBeFor(ProofFault.NotSigned);
        // The same key under another name, or for another kind of signature, is another key.
        note.Check([new VerifierKey("Peter", SignatureKind.Ed25519, Peter.PublicKey)], out _)
            .ShouldBeFor(ProofFault.NotSigned);
        note.Check([new VerifierKey("PeterNeumann", SignatureKind.Cosignature, Peter.PublicKey)], out _)
            .ShouldBeFor(ProofFault.NotSigned);
    }

    [Fact]
    public void One_wrong_signature_of_a_trusted_key_spoils_the_note_and_one_of_an_unknown_key_does_not()
    {
        var wrong = PeterLine[..60] + "ABCD" + PeterLine[60..];

        Parse(Text + "\n" + wrong).Check([Peter], out _).ShouldBeFor(ProofFault.WrongSignature);
        Parse(Text + "\n" + PeterLine + wrong).Check([Peter], out _).ShouldBeFor(ProofFault.WrongSignature);
        Parse(Text + "\n" + EnochLine + wrong).Check([Enoch], out var verified).ShouldBeNull();
        verified.Single().Key.ShouldBe(Enoch);
        Parse("Another text.\n\n" + PeterLine).Check([Peter], out _).ShouldBeFor(ProofFault.WrongSignature);
    }

    [Fact]
    public void A_key_counts_once_however_often_it_has_signed()
    {
        Parse(Text + "\n" + PeterLine + PeterLine + EnochLine).Check([Peter, Enoch], out var verified).ShouldBeNull();

        verified.Select(signature => signature.Key).ShouldBe([Peter, Enoch]);
    }

    [Fact]
    public void Another_signature_joins_and_one_of_the_same_key_is_replaced()
    {
        var enoch = NoteSignature.Parse(EnochLine[..^1]);
        var note = SignedNote.Sign(Text, SignerKey.Parse(PeterSecret));

        Encoding.UTF8.GetString(note.With(enoch).With(enoch).ToUtf8())
            .ShouldBe(Text + "\n" + PeterLine + EnochLine);
    }

    [Fact]
    public void The_text_ends_at_the_last_blank_line()
    {
        var key = SignerKey.Parse(PeterSecret);
        foreach (var text in new[] { "\n", "a\n\nb\n", "a\n\n", "\n\n\n", "— not a signature\n", "é\u2028\n" })
        {
            var note = Parse(SignedNote.Sign(text, key).ToUtf8());
            note.Text.ShouldBe(text);
            note.Check([Peter], out _).ShouldBeNull();
        }
    }

    [Theory]
    [InlineData(Text)]
    [InlineData(Text + "\n")]
    [InlineData("")]
    [InlineData("\n" + PeterLine)]
    [InlineData(Text + PeterLine)]
    [InlineData(Text + "\n" + PeterLine + "\n")]
    [InlineData(Text + "\n" + PeterLine + "Unexpected line.\n")]
    [InlineData("\u0001" + Text + "\n" + PeterLine)]
    [InlineData("\t" + Text + "\n" + PeterLine)]
    [InlineData(Text + "\r\n" + PeterLine)]
    [InlineData(Text + "\n— Bad Name x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNA==\n")]
    [InlineData(Text + "\n— Bad+Name x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNA==\n")]
    [InlineData(Text + "\n—  x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNA==\n")]
    [InlineData(Text + "\n— A\u00A0B x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNA==\n")]
    [InlineData(Text + "\n- PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNA==\n")]
    [InlineData(Text + "\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNA== \n")]
    [InlineData(Text + "\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNB==\n")]
    [InlineData(Text + "\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNA\n")]
    [InlineData(Text + "\n— PeterNeumann x08go_ZJkuBS9UG_SffcvIAQxVBtiFupLLr8pAcElZInNA==\n")]
    [InlineData(Text + "\n— PeterNeumann x08gow==\n")]
    [InlineData(Text + "\n— PeterNeumann \n")]
    [InlineData(Text + "\n— PeterNeumann\n")]
    public void A_note_written_in_any_other_way_is_refused(string note)
    {
        Should.Throw<FormatException>(() => Parse(note));
    }

    [Fact]
    public void A_note_that_is_no_utf8_or_is_cut_short_is_refused()
    {
        var note = Encoding.UTF8.GetBytes(Text + "\n" + PeterLine);

        Should.Throw<FormatException>(() => Parse([0xFF, .. note]));
        Should.Throw<FormatException>(() => Parse([0xED, 0xA0, 0x80, .. note]));
        for (var length = 0; length < note.Length; length++)
            Should.Throw<FormatException>(() => Parse(note[..length]));
    }

    [Fact]
    public void A_note_has_a_hundred_signatures_and_a_mebibyte_at_most()
    {
        var lines = string.Concat(Enumerable.Repeat(PeterLine, SignedNote.MaxSignatures));
        var room = SignedNote.MaxBytes - Encoding.UTF8.GetByteCount(PeterLine) - 2;

        Parse(Text + "\n" + lines).Check([Peter], out _).ShouldBeNull();
        Should.Throw<FormatException>(() => Parse(Text + "\n" + lines + PeterLine));
        Parse(new string('a', room) + "\n\n" + PeterLine).Signatures.Count.ShouldBe(1);
        Should.Throw<FormatException>(() => Parse(new string('a', room + 1) + "\n\n" + PeterLine));
        Should.Throw<ArgumentException>(
            () => SignedNote.Sign(new string('a', SignedNote.MaxBytes) + "\n", SignerKey.Parse(PeterSecret)));
    }

    [Theory]
    [InlineData("no newline at its end")]
    [InlineData("")]
    [InlineData("a\tb\n")]
    [InlineData("a\r\n")]
    public void What_could_not_be_read_is_not_signed(string text)
    {
        Should.Throw<ArgumentException>(() => SignedNote.Sign(text, SignerKey.Parse(PeterSecret)));
    }

    [Fact]
    public void A_lone_surrogate_is_not_signed()
    {
        Should.Throw<ArgumentException>(() => SignedNote.Sign("a\uD800\n", SignerKey.Parse(PeterSecret)));
    }

    private static SignedNote Parse(string note) => SignedNote.Parse(Encoding.UTF8.GetBytes(note));

    private static SignedNote Parse(byte[] note) => SignedNote.Parse(note);
}
