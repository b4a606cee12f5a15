using CrmLedger.Transparency;

namespace CrmLedger.Campaigns;

/// <summary>Every root that was ever signed and seen, wherever: of one size of one log there may be only one.</summary>
internal sealed class SeenRoots
{
    private readonly Dictionary<(string Origin, long Size), byte[]> _roots = [];

    public int Count => _roots.Count;

    /// <summary>Takes a checkpoint.</summary>
    public void Add(SignedCheckpoint signed, string where)
    {
        var said = signed.Checkpoint;
        if (_roots.TryGetValue((said.Origin, said.Size), out byte[]? before))
            said.Root.ShouldBe(before, $"two roots of {said.Origin} at {said.Size}, the second in {where}");
        else
            _roots[(said.Origin, said.Size)] = said.Root;
    }

    /// <summary>Whether one history has all those of a log: the roots of its first leaves.</summary>
    public void ShouldLeadTo(string origin, IReadOnlyList<byte[]> leaves)
    {
        foreach (var ((_, size), root) in _roots.Where(r => r.Key.Origin == origin))
        {
            size.ShouldBeLessThanOrEqualTo(leaves.Count, "what was signed is not there");
            root.ShouldBe(MerkleTree.Root([.. leaves.Take((int)size)]), $"the log forked below {size}");
        }
    }
}
