namespace CrmLedger.Campaigns;

/// <summary>A test that needs a disk that it may slow down. Where none can be had it is skipped and says so.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SlowDiskFactAttribute : FactAttribute
{
    public SlowDiskFactAttribute() => Skip = OperatingSystem.IsLinux() ? SlowDisk.Missing : "strace is for Linux";
}
