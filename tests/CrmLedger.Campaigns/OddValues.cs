namespace CrmLedger.Campaigns;

/// <summary>Values that programs trip over.</summary>
internal static class OddValues
{
    /// <summary>Strings, as a program holds them.</summary>
    public static readonly string[] Texts =
    [
        "", " ", "\t", "\n", "x\n", ".", "..", "../..", "a/b", "a b", "ref:", "ref: ", "ref:\n", "ref:nobody",
        "REF:anna", "null", "true", "0", "-1", "7", "P-1", "€", "💥", "\u202Egnp", "\u0085", "\uFEFF", "\uFFFD",
        "e\u0301", "ſ", "İ",
        "' or 1=1 --", "$1", "{0}", "%s", "%00", "<script>", "[erased]", "sealed:", "\\", "\"", "\u007F", "\u0001",
        "00000000-0000-0000-0000-000000000000", "{00000000-0000-0000-0000-000000000000}",
        "ffffffff-ffff-ffff-ffff-ffffffffffff", "0198C2F4-1C3A-7D61-9F43-1F2E3D4C5B6A", "crm:v1:AAAA",
        new('x', 101), new('x', 4_001), new('€', 4_000), new('~', 200), new('a', 70_000),
    ];

    /// <summary>Times, right and wrong; none may overflow anything.</summary>
    public static readonly string[] Times =
    [
        "0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00-14:00", "0001-01-01T00:00:01Z",
        "0000-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999Z", "9999-12-31T23:59:59.9999999Z",
        "9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59-14:00", "9999-12-31T23:59:59+14:00", "9999-12-31T00:00:00Z",
        "9999-01-01T00:00:00Z", "10000-01-01T00:00:00Z", "-0001-01-01T00:00:00Z", "2026-02-29T00:00:00Z",
        "2026-12-31T23:59:60Z", "2026-01-01T24:00:00Z", "2026-01-01T00:00:00", "2026-01-01", "2026-01-01 00:00:00Z",
        "2026-01-01T00:00:00+15:00", "2026-01-01T00:00:00+99:99", "1970-01-01T00:00:00Z", "infinity", "-infinity",
        "now", "epoch", "1700000000", "4713-01-01T00:00:00Z", "2026-01-01T00:00:00.1234567891Z",
        "٢٠٢٦-01-01T00:00:00Z",
    ];

    /// <summary>JSON that is JSON, but seldom what was asked for.</summary>
    public static readonly string[] Numbers =
    [
        "0", "-0", "-1", "1.0", "1e0", "1e2", "1.5", "-1.5", "2147483647", "2147483648", "9007199254740991",
        "9007199254740992", "-9007199254740991", "1e15", "1E+15", "0.1", "5e-324", "1e-300", "1.7976931348623157e308",
    ];

    /// <summary>Tokens that are not I-JSON: the pointer must say where.</summary>
    public static readonly string[] NotInternetJson =
    [
        "1e131071", "-1e131071", "1e400", "9007199254740993", "12345678901234567890", "1e-131071",
        "\"\\u0000\"", "\"a\\u0000b\"", "\"\\ud800\"", "\"\\udc00\\ud800\"", "\"\\ud83d\"", "\"a\\udfffb\"",
    ];

    /// <summary>Tokens that are no JSON at all.</summary>
    public static readonly string[] NotJson =
    [
        "01", "+1", ".5", "1.", "0x10", "NaN", "Infinity", "-", "'x'", "x", "undefined", "True", "\"a", "\"\\x41\"",
        "\"\\u12\"", "\"\t\"", "[1,]", "{\"a\":1,}", "{a:1}", "[", "]", "{", "}", "", ",", "/**/", "1 2", "\"a\" \"b\"",
        "[1 2]", "\\u0022a\\u0022", "\u00A01",
    ];

    /// <summary>Names that only the ledger may give.</summary>
    public static readonly string[] ServerOwned =
    [
        "id", "position", "version", "streamVersion", "recordedAt", "tenant", "tenantId", "actor", "leafHash", "stream",
        "seqId", "type", "timestamp", "headers", "$type", "__proto__", "memberTeam", "team_", "import", "fingerprint",
        "a/b~c", "", "KIND", "promiseid", "\u202E",
    ];

    /// <summary>What may stand in a path where an id is meant, escaped.</summary>
    public static readonly string[] PathParts =
    [
        "ref:nobody", "nobody", "ref:", "ref:%20", "0198c2f4-1c3a-7d61-9f43-1f2e3d4c5b6a", "%2e%2e", "%2E", "..", ".",
        "ref:%F0%9F%92%A5", "ref:%ED%A0%80", "ref:%FF", "ref:%C0%80", "ref:a%2Fb", "ref:a%252Fb", "ref:%0d%0a", "%25",
        "ref:%", "ref:%zz", "ref:%5C", "P-9", "-1", "0", "*", "ref:..", "ref:a;b", "ref:+", "%E2%82%AC", "ref:{x}", "~",
        "ref:" + new string('a', 3_000), new('7', 400), "null", "undefined", "open_commitments", "kept_rate",
        "00000000-0000-0000-0000-000000000000", "ref:%7F", "ref:%01",
    ];

    /// <summary>What may stand as a parameter's value, escaped.</summary>
    public static readonly string[] QueryValues =
    [
        "", "%00", "a%00b", "x", "-1", "0", "1", "1001", "1e3", "0x1", "%2B1", "9223372036854775807",
        "9223372036854775808", "-9223372036854775808", "true", "TRUE", "false", "ref:anna", "ref:", "ref:%00", "e30",
        "bnVsbA", "eyJza2lwIjotMX0", "%ED%A0%80", "%FF", "%F0%9F%92%A5", "%zz", "%", "maker", "team", "month",
        "customer", "0001-01-01T00:00:00Z", "0001-01-01", "9999-12-31", "9999-12-31T23:59:59.999999Z",
        "9999-12-31T23:59:59.9999999Z", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00%2B14:00", "infinity",
        "2026-01-01T00:00:00%2B01:00", "2026-01-01T00:00:00 01:00".Replace(" ", "%20"), "9999-99", "2026-13", "kept",
        "'--", "[]", "{}", "a%26b", "%2525", "00000000-0000-0000-0000-000000000000",
    ];

    /// <summary>What may stand in a cursor, which is base64url of JSON that only the ledger should write.</summary>
    public static readonly string[] Cursors =
    [
        "{}", "[]", "null", "7", "\"x\"", "{", """{"due":"0001-01-01T00:00:00Z","stream":"","key":""}""",
        """{"due":"9999-12-31T23:59:59.9999999Z","stream":"customer-x","key":"€"}""",
        """{"due":"9999-12-31T23:59:59-14:00","stream":"x","key":"y"}""",
        """{"due":"2026-01-01T00:00:00Z","stream":null,"key":"y"}""",
        """{"due":"2026-01-01T00:00:00Z","stream":"a\u0000","key":"y"}""",
        """
        {"due":"2026-01-01T00:00:00Z","stream":"x","key":"y","asOf":"0001-01-01T00:00:00Z","position":-1,
         "provisional":false,"total":2147483647}
        """,
        """
        {"due":"2026-01-01T00:00:00Z","stream":"x","key":"y","asOf":"9999-12-31T23:59:59.9999999Z",
         "position":9007199254740991,"provisional":true,"total":-2147483648}
        """,
        """
        {"due":"2026-01-01T00:00:00Z","stream":"x","key":"y","asOf":"2026-01-01T00:00:00Z","position":1e3,
         "provisional":true,"total":1.5}
        """,
        """{"version":0,"position":0,"streamVersion":0,"asOf":"0001-01-01T00:00:00Z","provisional":false}""",
        """
        {"version":-1,"position":-9007199254740991,"streamVersion":-1,"asOf":"9999-12-31T23:59:59.9999999Z",
         "provisional":true}
        """,
        """
        {"version":9007199254740991,"position":9007199254740991,"streamVersion":9007199254740991,
         "asOf":"9999-12-31T23:59:59-14:00","provisional":true}
        """,
        """
        {"version":1,"position":5,"streamVersion":9007199254740991,"asOf":"2026-01-01T00:00:00Z",
         "provisional":true,"x":1}
        """,
    ];

    /// <summary>Headers whose value a client may get wrong, and those that lie about the body.</summary>
    public static readonly (string Name, string[] Values)[] Headers =
    [
        ("If-Match", ["\"0\"", "\"1\"", "\"3\"", "\"999999\"", "old", "W/\"1\"", "\"-1\"", "\"1\", \"2\"", "*", "\"\"",
            "\"9223372036854775807\"", "\"9223372036854775808\"", "\"1e3\"", "\"٣\"", "1"]),
        ("Idempotency-Key", ["\"\"", "k", "\"k\"", "\"", "é", "💥", new('k', 256), new('k', 8_000), "\"a\"b\""]),
        ("ce-id", ["1", "", new('i', 501), "é"]),
        ("ce-source", ["urn:x", "", new('s', 501), "💥"]),
        ("Correlation-Id", ["", "é", new('c', 201), "a\tb"]),
        ("Causation-Id", ["é", new('c', 201)]),
        ("Content-Type", ["text/plain", "application/json; charset=utf-16", "application/json;charset=x", "x", "/", ";",
            "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/cloudevents+json",
            "APPLICATION/JSON", "application/problem+json", "application/json, text/plain", "application/jsonl",
            "application/cloudevents-batch+json"]),
        ("Content-Encoding", ["gzip", "br", "deflate", "identity", "x", "gzip, gzip"]),
        ("Accept", ["text/html", "x", "application/xml;q=2", "*/*;q=0"]),
        ("Authorization", ["", "Bearer", "Bearer ", "Bearer x", "Basic eDp4", "Bearer crm_x", "bearer é",
            "Bearer " + new string('k', 8_000)]),
        ("X-HTTP-Method-Override", ["DELETE"]),
        ("X-Forwarded-Host", ["evil"]),
        ("Accept-Encoding", ["x", "gzip;q=9"]),
        ("Cookie", ["a=b", ";;;=", new('c', 8_000)]),
        ("Range", ["bytes=0-0", "x"]),
        ("If-None-Match", ["*", "x"]),
        ("If-Modified-Since", ["x"]),
        ("traceparent", ["x", "00-0-0-0"]),
        ("Date", ["x"]),
    ];
}
