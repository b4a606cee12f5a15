namespace CrmLedger.Campaigns;

/// <summary>A test that needs a disk that it may fill. Where none can be had it is skipped and says so.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SmallDiskFactAttribute : FactAttribute
{
    public SmallDiskFactAttribute() => Skip = SmallDisk.Missing;
}
