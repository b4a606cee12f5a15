using System.Text;
using CrmLedger.Transparency;

namespace CrmLedger.Tests.Transparency;

public sealed class SignedCheckpointTests
{
    private const string Origin = "log.example/tenant";

    // A checkpoint that a certificate log published in 2026, with one of its signatures of a type that is not read
    // here, its own note signature, and those of its witnesses.
    private const string Published =
        "arche2025h1.staging.ct.transparency.dev\n1432088532\nU7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=\n\n"
        + "— arche2025h1.staging.ct.transparency.dev zTM8sQAAAZ5W0WdjBAMARjBEAiBjW5IQf9pvsYLfQFX6hoGREPMHbdQ3urbl"
        + "lzalApkptQIgIpwtEroeW2BXaHAI4kJXFbon5Ch9MNL5zRNZ55lvGt0=\n"
        + "— arche2025h1.staging.ct.transparency.dev ui8GwCF1+kWqZrxGdhj4aX3gcw7XUlXQQabg/27lefwhUkzbC3NygNI75Mdh"
        + "L1bfTW9g8Ei59RA23oHP7Ry1k3ZFWwQ=\n"
        + "— witness1.smartit.nu/witness1 pIyCDwAAAABqEiEghIp82KWebrw7/oHQwlTAm3g2RKS4+eebl8eO0WH+/iEcxZ75W3u5hNI7"
        + "TOQtmJbqmNWVuE0tgh0XwzdZsDsUAQ==\n"
        + "— remora.n621.de 2net5wAAAABqEiEgPlfF3V06o0Y+fHM+J5J9s27wgxxcOVSpZ/2g/KSiXCg9DEZI+aVCIobWX9sXTynk5XeU/"
        + "zZ0WBxtqB0DrAWfBw==\n";

    private static readonly VerifierKey PublishedKey = VerifierKey.Parse(
        "arche2025h1.staging.ct.transparency.dev+ba2f06c0+AU0vHmlGCS/PdN8b2OaGmKprLI8HKM+dJ472xgFYh15f");

    private static readonly VerifierKey Remora =
        VerifierKey.Parse("remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2");

    private static readonly SampleLog Log = new(Origin, 300);

    [Fact]
    public void A_published_checkpoint_verifies_with_the_signatures_of_its_log_and_a_witness()
    {
        var utf8 = Encoding.UTF8.GetBytes(Published);
        var signed = SignedCheckpoint.Parse(utf8);

        signed.ToUtf8().ShouldBe(utf8);
        signed.Checkpoint.Size.ShouldBe(1432088532);
        signed.Check(new LogPolicy(PublishedKey.Name, [PublishedKey], [Remora], 1)).ShouldBeNull();
        signed.Note.Check([Remora], out var verified).ShouldBeNull();
        verified.Single().UnixSeconds.ShouldBe(1779573024);
    }

    [Fact]
    public void A_cosignature_says_when_it_was_made()
    {
        var keys = Log.Witnesses.Select(witness => witness.Verifier).ToList();

        Log.Signed(7).Note.Check(keys, out var verified).ShouldBeNull();

        verified.Select(signature => signature.Key).ShouldBe(keys);
        verified.ShouldAllBe(signature => signature.UnixSeconds == SampleLog.CosignedAt);
    }

    [Fact]
    public void A_cosignature_with_another_time_or_of_another_kind_is_refused()
    {
        var checkpoint = Log.Checkpoint(7);
        var witness = Log.Witnesses[0];
        var cosignature = witness.Cosign(checkpoint, 1);
        var policy = new LogPolicy(Origin, [Log.Key.Verifier], [witness.Verifier], 0);
        byte[][] forged =
        [
            [.. cosignature.Signature.Select((value, i) => i == 7 ? (byte)2 : value)],
            [0x80, .. cosignature.Signature[1..]],
            cosignature.Signature[8..],
            [.. cosignature.Signature, 0],
            [1],
        ];
        foreach (var signature in forged)
        {
            var line = new NoteSignatureLine(witness.Verifier, signature).Parsed;
            SignedCheckpoint.Sign(checkpoint, Log.Key).With(line).Check(policy).ShouldBeFor(ProofFault.WrongSignature);
        }
    }

    [Fact]
    public void A_negative_time_is_refused_though_it_was_signed()
    {
        // Time 2^64−1 would be the latest of all.
        var checkpoint = Log.Checkpoint(7);
        var seed = new byte[32];
        var witness = new SignerKey("w", SignatureKind.Cosignature, seed);
        foreach (var written in new[] { "-1", "18446744073709551615" })
        {
            var message = Encoding.UTF8.GetBytes($"cosignature/v1\ntime {written}\n{checkpoint.Text}");
            byte[] signature = [.. Enumerable.Repeat<byte>(0xFF, 8), .. Ed25519.Sign(seed, message)];
            SignedCheckpoint.Sign(checkpoint, Log.Key).With(new NoteSignatureLine(witness.Verifier, signature).Parsed)
                .Check(new LogPolicy(Origin, [Log.Key.Verifier], [witness.Verifier], 0))
                    .ShouldBeFor(ProofFault.WrongSignature);
        }
    }

    [Fact]
    public void Extension_lines_are_signed_by_log_and_witness()
    {
        var signed = Log.Cosigned(new Checkpoint(Origin, 7, Log.Checkpoint(7).Root, "an extension"));
        signed.Check(Log.Policy).ShouldBeNull();

        var altered = Encoding.UTF8.GetString(signed.ToUtf8()).Replace("an extension", "no extension");

        SignedCheckpoint.Parse(Encoding.UTF8.GetBytes(altered)).Check(Log.Policy)
            .ShouldBeFor(ProofFault.WrongSignature);
    }

    [Fact]
    public void The_log_itself_must_have_signed_and_enough_witnesses()
    {
        var checkpoint = Log.Checkpoint(7);
        var signed = SignedCheckpoint.Sign(checkpoint, Log.Key);
        var byWitnesses = Log.Witnesses.Select(witness => witness.Cosign(checkpoint, 1)).ToList();
        var stranger = SampleLog.Signer("stranger.example", SignatureKind.Ed25519);

        signed.Check(new LogPolicy(Log.Key.Verifier)).ShouldBeNull();
        signed.Check(Log.Policy).ShouldBeFor(ProofFault.TooFewWitnesses);
        signed.With(byWitnesses[0]).Check(Log.Policy).ShouldBeFor(ProofFault.TooFewWitnesses);
        signed.With(byWitnesses[0]).With(byWitnesses[1]).Check(Log.Policy).ShouldBeNull();
        SignedCheckpoint.Sign(checkpoint, stranger).With(byWitnesses[0]).With(byWitnesses[1]).Check(Log.Policy)
            .ShouldBeFor(ProofFault.NotSigned);
        SignedCheckpoint.Sign(checkpoint, stranger).Check(Log.Policy).ShouldBeFor(ProofFault.NotSigned);
        signed.Check(new LogPolicy("other.example", [Log.Key.Verifier], [], 0)).ShouldBeFor(ProofFault.OtherLog);
    }

    [Fact]
    public void One_witness_under_two_names_is_one_witness()
    {
        var seed = new byte[32];
        SignerKey[] names =
            [new("w1", SignatureKind.Cosignature, seed), new("w2", SignatureKind.Cosignature, seed)];
        VerifierKey[] keys = [names[0].Verifier, names[1].Verifier, Log.Witnesses[0].Verifier];
        var checkpoint = Log.Checkpoint(7);

        names.Aggregate(SignedCheckpoint.Sign(checkpoint, Log.Key), (s, w) => s.With(w.Cosign(checkpoint, 1)))
            .Check(new LogPolicy(Origin, [Log.Key.Verifier], keys, 2)).ShouldBeFor(ProofFault.TooFewWitnesses);
        Should.Throw<ArgumentException>(() => new LogPolicy(Origin, [Log.Key.Verifier], keys, 3));
    }

    [Fact]
    public void A_policy_that_trusts_nobody_or_the_wrong_kind_of_key_is_refused()
    {
        var witness = Log.Witnesses[0].Verifier;

        Should.Throw<ArgumentException>(() => new LogPolicy(Origin, [], [witness], 0));
        Should.Throw<ArgumentException>(() => new LogPolicy(Origin, [witness], [], 0));
        Should.Throw<ArgumentException>(() => new LogPolicy(Origin, [Log.Key.Verifier], [Log.Key.Verifier], 0));
        Should.Throw<ArgumentException>(() => new LogPolicy(Origin, [Log.Key.Verifier], [witness], 2));
        Should.Throw<ArgumentException>(() => new LogPolicy(Origin, [Log.Key.Verifier], [witness], -1));
    }

    [Fact]
    public void A_log_that_only_grew_extends_what_was_known()
    {
        foreach (var newer in new[] { 0, 1, 2, 3, 64, 255, 256, 257, 300 })
        {
            foreach (var older in Enumerable.Range(0, newer + 1).Where(size => size % 16 < 2 || size == newer))
            {
                Log.Signed(newer).CheckExtends(Log.Signed(older), Log.Proof(older, newer), Log.Policy)
                    .ShouldBeNull($"{older} to {newer}");
            }
        }
    }

    [Fact]
    public void Two_roots_for_one_size_are_a_fork_whoever_cosigned()
    {
        var fork = new Checkpoint(Origin, 100, Log.Leaf(3));
        foreach (var forked in new[] { Log.Cosigned(fork), SignedCheckpoint.Sign(fork, Log.Key) })
        {
            Log.Signed(100).CheckExtends(forked, [], Log.Policy).ShouldBeFor(ProofFault.Fork);
            forked.CheckExtends(Log.Signed(100), [], Log.Policy).ShouldBeFor(ProofFault.Fork);
        }

        // What a stranger signed proves nothing against the log.
        var stranger = SampleLog.Signer("stranger.example", SignatureKind.Ed25519);
        Log.Signed(100).CheckExtends(SignedCheckpoint.Sign(fork, stranger), [], Log.Policy)
            .ShouldBeFor(ProofFault.NotSigned);
    }

    [Fact]
    public void A_smaller_tree_another_log_or_another_history_does_not_extend_what_was_known()
    {
        var other = new SampleLog("other.example", 300);
        var rewritten = new Checkpoint(Origin, 200, Log.Leaf(0));

        Log.Signed(100).CheckExtends(Log.Signed(200), Log.Proof(100, 200), Log.Policy)
            .ShouldBeFor(ProofFault.OlderThanKnown);
        other.Signed(200).CheckExtends(Log.Signed(100), other.Proof(100, 200), Log.Policy)
            .ShouldBeFor(ProofFault.OtherLog);
        Log.Cosigned(rewritten).CheckExtends(Log.Signed(100), Log.Proof(100, 200), Log.Policy)
            .ShouldBeFor(ProofFault.NotConsistent);
        Log.Signed(200).CheckExtends(Log.Signed(100), Log.Proof(101, 200), Log.Policy)
            .ShouldBeFor(ProofFault.NotConsistent);
        Log.Signed(200).CheckExtends(Log.Signed(200), Log.Proof(100, 200), Log.Policy)
            .ShouldBeFor(ProofFault.NotConsistent);
        Log.Signed(200).CheckExtends(SignedCheckpoint.Sign(Log.Checkpoint(100), Log.Key), [], Log.Policy)
            .ShouldBeFor(ProofFault.TooFewWitnesses);
    }

    /// <summary>A signature line with bytes that its key never made.</summary>
    private sealed record NoteSignatureLine(VerifierKey Key, byte[] Signature)
    {
        public NoteSignature Parsed
        {
            get
            {
                byte[] id = [(byte)(Key.KeyId >> 24), (byte)(Key.KeyId >> 16), (byte)(Key.KeyId >> 8), (byte)Key.KeyId];
                return NoteSignature.Parse($"— {Key.Name} {Convert.ToBase64String([.. id, .. Signature])}");
            }
        }
    }
}
