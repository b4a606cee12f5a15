using System.Text.Json.Nodes;
using CrmLedger.Preferences;
using CrmLedger.Server.Customers;
using CrmLedger.Server.Members;
using CrmLedger.Server.Replays;
using CrmLedger.Server.Views;

namespace CrmLedger.Server.OpenApi;

/// <summary>Examples of what is answered about somebody's personal data.</summary>
internal static class ExamplePersonalData
{
    /// <summary>The example of an answer's type, or null when it is none of these.</summary>
    public static object? Make(Type answer) => answer.Name switch
    {
        nameof(ErasureReport) => new ErasureReport(ExampleLedger.Anna, false, ExampleLedger.Recorded,
            "Asked by the customer",
            [
                new(ExampleLedger.Anna, ExampleLedger.Event, ExampleLedger.Position, ExampleLedger.Recorded, 8, 4,
                    $"/v1/events/{ExampleLedger.Event:D}/receipt"),
            ],
            8, 4, 8, ErasureReport.WhatStays, ErasureReport.Limits),
        nameof(CustomerExport) => new CustomerExport(ExampleLedger.Anna, ExampleLedger.Now, ExampleLedger.Position, 7,
            ExampleLedger.NamedAnna, false, false, null, [],
            new Dictionary<string, bool>(StringComparer.Ordinal) { ["newsletter"] = false },
            [new("contact_time", "After five", PreferenceSource.Stated, ExampleLedger.Recorded)],
            [ExampleLedger.PromiseMade()]),
        nameof(ReadingsPage) => new ReadingsPage(ExampleLedger.Anna,
            [new(ExampleLedger.Now, "3f9a41c07d5be286", "CustomerHistory")], null),
        nameof(MembersPage) => new MembersPage(ExampleLedger.Now, ExampleLedger.Position, true, 1,
            [new(ExampleLedger.Erik, ExampleLedger.NamedErik)], null, null),
        nameof(ReplayPage) => Replay(),
        _ => null,
    };

    private static ReplayPage Replay() => new(ExampleLedger.Anna, 7, ExampleLedger.Now, null, ExampleLedger.Position,
        true, ExampleLedger.NamedAnna,
        new Dictionary<string, Named>(StringComparer.Ordinal)
        {
            [ExampleLedger.Erik.ToString("D")] = ExampleLedger.NamedErik,
        },
        7,
        [
            new(7, ExampleLedger.PromiseMade(), null,
                new("promise/INC-1042", null, new JsonObject
                {
                    ["promiseId"] = "INC-1042",
                    ["conditions"] = "Anna has called about the invoice.",
                    ["holderId"] = ExampleLedger.Erik.ToString("D"),
                    ["firstDue"] = LedgerJson.Format(ExampleLedger.Due),
                    ["bindingDue"] = LedgerJson.Format(ExampleLedger.Due),
                    ["status"] = "made",
                }),
                [
                    new("kept-rate",
                    [
                        new("INC-1042", RowChange.Appeared,
                            [new("promise.status", null, JsonValue.Create("made"))]),
                    ]),
                ],
                new(ExampleLedger.Recorded, 57.1429m, 57.1429m)),
        ],
        null, null);
}
