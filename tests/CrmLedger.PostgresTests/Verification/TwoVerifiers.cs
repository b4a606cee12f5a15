using System.Text.Json.Nodes;
using CrmLedger.Transparency;

namespace CrmLedger.PostgresTests.Verification;

/// <summary>Proofs put to both verifiers, each with what it must come to.</summary>
internal sealed class TwoVerifiers
{
    private readonly List<string> _requests = [];
    private readonly List<bool> _ours = [];
    private readonly List<bool> _expected = [];

    /// <summary>How many were put and not answered yet.</summary>
    public int Count => _requests.Count;

    /// <summary>Puts a proof, in the second verifier's words, with the first one's verdict.</summary>
    public void Put(string request, bool ours, bool expected)
    {
        _requests.Add(request);
        _ours.Add(ours);
        _expected.Add(expected);
    }

    /// <summary>Puts the proof that a leaf is in a tree.</summary>
    public void PutInclusion(
        bool expected, byte[] leaf, long index, long size, IReadOnlyList<byte[]> path, byte[] root) => Put(
        new JsonObject
        {
            ["op"] = "inclusion",
            ["leafHash"] = Convert.ToBase64String(leaf),
            ["index"] = index,
            ["size"] = size,
            ["path"] = Hashes(path),
            ["root"] = Convert.ToBase64String(root),
        }.ToJsonString(), MerkleTree.VerifyInclusion(leaf, index, size, path, root), expected);

    /// <summary>Puts the proof that a tree begins with another one.</summary>
    public void PutConsistency(
        bool expected, long oldSize, byte[] oldRoot, long newSize, byte[] newRoot, IReadOnlyList<byte[]> proof) => Put(
        new JsonObject
        {
            ["op"] = "consistency",
            ["oldSize"] = oldSize,
            ["oldRoot"] = Convert.ToBase64String(oldRoot),
            ["newSize"] = newSize,
            ["newRoot"] = Convert.ToBase64String(newRoot),
            ["proof"] = Hashes(proof),
        }.ToJsonString(), MerkleTree.VerifyConsistency(oldSize, oldRoot, newSize, newRoot, proof), expected);

    /// <summary>Has all that was put answered; both must come to what was expected.</summary>
    public async Task ShouldAgreeAsync(SecondVerifier second)
    {
        var theirs = (await second.AnswerAsync(_requests)).Select(v => v["ok"]!.GetValue<bool>()).ToList();
        theirs.Count.ShouldBe(_requests.Count);
        for (int i = 0; i < theirs.Count; i++)
        {
            if (theirs[i] != _expected[i] || _ours[i] != _expected[i])
            {
                throw new ShouldAssertException($"C# says {_ours[i]}, TypeScript {theirs[i]}, and {_expected[i]} was "
                    + $"expected of {_requests[i]}");
            }
        }
        _requests.Clear();
        _ours.Clear();
        _expected.Clear();
    }

    private static JsonArray Hashes(IReadOnlyList<byte[]> hashes) =>
        [.. hashes.Select(h => JsonValue.Create(Convert.ToBase64String(h)))];
}
