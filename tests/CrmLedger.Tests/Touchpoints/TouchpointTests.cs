using System.Text.Json;
using CrmLedger.Touchpoints;
using static CrmLedger.Tests.DeciderSpecification;
using static CrmLedger.Tests.Known;

namespace CrmLedger.Tests.Touchpoints;

public class TouchpointTests
{
    [Fact]
    public void Without_practices_none_are_recorded() => ACustomer
        .When(new RecordTouchpoint("t1", Channel.Phone, Direction.Inbound, Ana, "north"))
        .Then(Touched with { Practices = [] });

    [Fact]
    public void A_client_may_leave_practices_out() =>
        JsonSerializer.Deserialize<RecordTouchpoint>(
            $$"""{"touchpointId":"t1","channel":"phone","direction":"inbound","memberId":"{{Ana}}","team":"north"}""",
            LedgerJson.Options).ShouldBe(new("t1", Channel.Phone, Direction.Inbound, Ana, "north"));

    [Fact]
    public void The_first_shape_without_minutes_is_lifted_without_seconds() =>
        ((TouchpointRecorded)LedgerEvents.Read("touchpoint_recorded_v0", System.Text.Encoding.UTF8.GetBytes(
            $$"""{"touchpointId":"t1","channel":"web","direction":"outbound","agentId":"{{Ana}}","team":"north"}""")))
        .DurationSeconds.ShouldBeNull();
}
