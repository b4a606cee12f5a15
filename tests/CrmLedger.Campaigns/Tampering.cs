namespace CrmLedger.Campaigns;

/// <summary>
/// What a database administrator may do to a ledger: a statement, and the place that a verification must name. In both,
/// <c>{p}</c> is the position of an event and <c>{q}</c> that of the next one, <c>{s}</c> the log's size, <c>{l}</c>
/// the last position of a full tile and <c>{t}</c> that tile's index.
/// </summary>
/// <param name="Name">What is done.</param>
/// <param name="Sql">
/// With <c>{T}</c> for the tenant, <c>{O}</c> for another one, and <c>{E}</c> for the event's row.
/// </param>
/// <param name="Place">
/// A regular expression, with <c>{stream}</c> for the event's stream and <c>{subject}</c> for whose that is.
/// </param>
internal sealed record Tampering(string Name, string Sql, string Place)
{
    private const string Event = "^event {p}$";
    private const string Stream = "^stream {stream}$";
    private const string Log = "ledger.mt_events";

    /// <summary>All of them but those that forge a whole log, which need the tree.</summary>
    public static IReadOnlyList<Tampering> All =>
        [.. s_ofEvents, .. s_ofTheTree, .. s_ofStreamsAndSignatures, .. s_ofKeys, .. s_ofViews];

    private static readonly Tampering[] s_ofEvents =
        [
            new("data", $$"""update {{Log}} set data = data || '{"tampered":1}' where {E}""", Event),
            new("headers", $$"""update {{Log}} set headers = headers || '{"actor":"nobody"}' where {E}""", Event),
            new("recorded later", $"update {Log} set timestamp = timestamp + interval '1 ms' where {{E}}", Event),
            new("recorded earlier", $"update {Log} set timestamp = timestamp - interval '1 year' where {{E}}", Event),
            new("type", $"update {Log} set type = 'promise_kept' where {{E}}", Event),
            new("stream", $"update {Log} set stream_id = stream_id || 'x' where {{E}}", Event),
            new("version", $"update {Log} set version = version + 1 where {{E}}", Event),
            new("id", $"update {Log} set id = gen_random_uuid() where {{E}}", Event),
            new("correlation", $"update {Log} set correlation_id = 'x' where {{E}}", Event),
            new("causation", $"update {Log} set causation_id = 'x' where {{E}}", Event),
            new("archived", $"update {Log} set is_archived = true where {{E}}", Event),
            new("binary data", $"update {Log} set bdata = 'x' where {{E}}", Event),
            new(".NET type", $"update {Log} set mt_dotnet_type = 'CrmLedger.X, CrmLedger' where {{E}}", Event),
            new("delete", $"delete from {Log} where {{E}}", Event),
            new("delete a stream", $"delete from {Log} where tenant_id = '{{T}}' and stream_id = '{{stream}}'", Event),
            new("truncate", $"delete from {Log} where tenant_id = '{{T}}' and seq_id > {{p}}", Event),
            new("insert a copy", Inserted("seq_id"), Event),
            new("insert at the end", Inserted("{s} + 1"), "^event {s}$"),
            new("insert before the beginning", Inserted("0"), "^event -1$"),
            new("reorder", $$"""
                update {{Log}} set seq_id = {p} + {q} + 2 - seq_id
                where tenant_id = '{T}' and seq_id - 1 in ({p}, {q})
                """, Event),
            new("renumber", $"update {Log} set seq_id = seq_id + 1 where tenant_id = '{{T}}' and seq_id > {{p}}",
                Event),
            new("exchange contents", $$"""
                update {{Log}} e set data = o.data from {{Log}} o where e.tenant_id = '{T}' and o.tenant_id = '{T}'
                  and e.seq_id - 1 in ({p}, {q}) and o.seq_id = {p} + {q} + 2 - e.seq_id
                """, Event),
            new("swap tenants", $$"""
                update {{Log}} set tenant_id = case tenant_id when '{T}' then '{O}' else '{T}' end
                where seq_id = {p} + 1 and tenant_id in ('{T}', '{O}')
                """, Event),
            new("give away", $"update {Log} set tenant_id = '{{O}}' where {{E}}", Event),
            new("give to nobody", $"update {Log} set tenant_id = 'nobody' where {{E}}", "^tenant nobody$"),
        ];

    private static readonly Tampering[] s_ofTheTree =
        [
            new("tile", """
                update ledger.tiles
                set hashes = set_byte(hashes, 32 * ({l} % 256), 255 - get_byte(hashes, 32 * ({l} % 256)))
                where tenant_id = '{T}' and level = 0 and index = {t}
                """, "^event {l}$"),
            new("delete a tile", "delete from ledger.tiles where tenant_id = '{T}' and index = {t}", "^tile 0/{t}$"),
            new("cut a tile", "update ledger.tiles set hashes = substring(hashes from 1 for 640)"
                + " where tenant_id = '{T}' and index = {t}", "^tile 0/{t}$"),
            new("invent a tile", "insert into ledger.tiles select '{T}', 0, 1000, hashes from ledger.tiles limit 1",
                "^tile 0/1000$"),
            new("give a tile away", "update ledger.tiles set tenant_id = '{O}', index = 500"
                + " where tenant_id = '{T}' and index = {t}", "^tile 0/{t}$"),
            new("edge", "update ledger.tile_edges set hashes = set_byte(hashes, 3, 255 - get_byte(hashes, 3))"
                + " where tenant_id = '{T}' and level = 1", "^tile 1/0$"),
            new("edge's place", "update ledger.tile_edges set index = index + 1 where tenant_id = '{T}' and level = 1",
                "^tile 1/0$"),
            new("delete edges", "delete from ledger.tile_edges where tenant_id = '{T}'", "^tile "),
            new("root", "update ledger.heads set root = sha256('x') where tenant_id = '{T}'", "^head$"),
            new("head's time", "update ledger.heads set recorded_at = recorded_at + interval '1 s'"
                + " where tenant_id = '{T}'", "^head$"),
            new("smaller head", "update ledger.heads set size = {p} where tenant_id = '{T}'", "^event {p}$"),
            new("larger head", "update ledger.heads set size = size + 1 where tenant_id = '{T}'", "^event {s}$"),
            new("no head", "delete from ledger.heads where tenant_id = '{T}'", "^head$"),
        ];

    private static readonly Tampering[] s_ofStreamsAndSignatures =
        [
            new("stream's version", $"{UpdateStream} version = version + 1 {OfStream}", Stream),
            new("stream's time", $"{UpdateStream} timestamp = timestamp - interval '1 ms' {OfStream}", Stream),
            new("stream archived", $"{UpdateStream} is_archived = true {OfStream}", Stream),
            new("stream's type", $"{UpdateStream} type = 'x' {OfStream}", Stream),
            new("delete stream", $"delete from ledger.mt_streams {OfStream}", Stream),
            new("invent stream", "insert into ledger.mt_streams values ('{T}', 'customer-x', null, 1)",
                "^stream customer-x$"),
            new("checkpoint's root", "update ledger.checkpoints set root = sha256('x') where tenant_id = '{T}'",
                "^checkpoint of size "),
            new("checkpoint's note", "update ledger.checkpoints set note = overlay(note placing 'x' from 90 for 1)"
                + " where tenant_id = '{T}'", "^checkpoint of size "),
            new("move checkpoint", "update ledger.checkpoints set size = size + 1 where tenant_id = '{T}'",
                "^checkpoint of size "),
            new("another log's checkpoint", "update ledger.checkpoints c set note = o.note from ledger.checkpoints o"
                + " where c.tenant_id = '{T}' and o.tenant_id = '{O}'", "^checkpoint of size "),
            new("public key", "update ledger.log_keys set public_key = sha256('x') where tenant_id = '{T}'",
                "^log key"),
            new("secret key", "update ledger.log_keys set wrapped_seed = set_byte(wrapped_seed, 20, 255 - "
                + "get_byte(wrapped_seed, 20)) where tenant_id = '{T}'", "^log keys$"),
            new("another log's key", "update ledger.log_keys k set wrapped_seed = o.wrapped_seed from ledger.log_keys o"
                + " where k.tenant_id = '{T}' and o.tenant_id = '{O}'", "^log keys$"),
        ];

    private static readonly Tampering[] s_ofKeys =
        [
            new("destroy somebody's key", $"delete from ledger.subject_keys {OfSubject}", KeyOfStream),
            new("alter somebody's key", "update ledger.subject_keys set wrapped_key = set_byte(wrapped_key, 20, 255 - "
                + $"get_byte(wrapped_key, 20)) {OfSubject}", Subject),
            new("give somebody another's key", """
                update ledger.subject_keys k set wrapped_key = o.wrapped_key from ledger.subject_keys o
                where k.tenant_id = '{T}' and k.subject_id = '{subject}' and o.tenant_id = '{T}'
                  and o.subject_id <> k.subject_id
                """, Subject),
            new("give somebody another tenant's key", """
                update ledger.subject_keys k set wrapped_key = o.wrapped_key from ledger.subject_keys o
                where k.tenant_id = '{T}' and k.subject_id = '{subject}' and o.tenant_id = '{O}'
                """, Subject),
            new("say that another key wraps it", $"update ledger.subject_keys set key_number = 7 {OfSubject}", Subject),
            new("invent a key", "insert into ledger.subject_keys select tenant_id, gen_random_uuid(), wrapped_key,"
                + $" created_at, key_number from ledger.subject_keys {OfSubject}", "^key of subject "),
            new("erase somebody by hand", $"delete from ledger.subject_keys {OfSubject}; insert into"
                + " ledger.erased_subjects values ('{T}', '{subject}', now(), 'x')", KeyOfStream),
            new("list somebody as erased", "insert into ledger.erased_subjects values ('{T}', '{subject}', now(), 'x')",
                KeyOfStream),
            new("tenant's key", "update ledger.tenant_keys set wrapped_key = set_byte(wrapped_key, 20, 255 - "
                + "get_byte(wrapped_key, 20)) where tenant_id = '{T}'", "^tenant {T}$"),
            new("another tenant's own key", "update ledger.tenant_keys k set wrapped_key = o.wrapped_key from"
                + " ledger.tenant_keys o where k.tenant_id = '{T}' and o.tenant_id = '{O}'", "^tenant {T}$"),
        ];

    private static readonly Tampering[] s_ofViews =
        [
            new("view row", $"update ledger.view_rows set row = (row::text || ' ')::json {OfView}",
                "^view {view}, {row}"),
            new("view index", $"update ledger.view_rows set team = coalesce(team, '') || 'x' {OfView}",
                "^view {view}, {row}"),
            new("delete view row", $"delete from ledger.view_rows {OfView}", "^view {view}, {row}"),
            new("view position", "update ledger.views set position = position + 1 where tenant_id = '{T}' and"
                + " view = '{view}'", "^view {view}$"),
            new("view generation", "update ledger.views set generation = generation + 1 where tenant_id = '{T}' and"
                + " view = '{view}'", "^view {view}"),
            new("give a view row away", $"update ledger.view_rows set tenant_id = '{{O}}' {OfView}",
                "^view {view}, {row}"),
        ];

    private const string UpdateStream = "update ledger.mt_streams set";
    private const string OfStream = "where tenant_id = '{T}' and id = '{stream}'";
    private const string Subject = "^key of subject {subject}$";
    private const string KeyOfStream = "^key of {stream}$";
    private const string OfSubject = "where tenant_id = '{T}' and subject_id = '{subject}'";
    private const string OfView =
        "where tenant_id = '{T}' and view = '{view}' and stream_id || key || valid_from = '{rowKey}'";

    private static string Inserted(string sequence) => $$"""
        insert into {{Log}}
        select {{sequence}}, gen_random_uuid(), stream_id, version, data, bdata, type, timestamp, tenant_id,
          mt_dotnet_type, correlation_id, causation_id, headers, is_archived
        from {{Log}} where {E}
        """;
}
