using Weasel.Core;
using Weasel.Core.Migrations;
using Weasel.Postgresql;

namespace CrmLedger.EventStore.Schema;

/// <summary>
/// The ledger's own tables beside Marten's, as Marten's migration makes and checks them. Every key of a tenant's table
/// leads with tenant_id. What Weasel cannot express stands in Functions and in rights.sql.
/// </summary>
internal sealed class LedgerTables() : FeatureSchemaBase("crmledger", new PostgresqlMigrator())
{
    /// <summary>The schema of everything, Marten's tables and the ledger's.</summary>
    public const string Schema = "ledger";

    private const string Hash = "octet_length({0}) = 32";

    /// <inheritdoc />
    protected override IEnumerable<ISchemaObject> schemaObjects() =>
    [
        .. TenantTables(), .. LogTables(), .. KeyTables(), .. PrivacyTables(), .. ViewTables(),
    ];

    private static IEnumerable<ISchemaObject> TenantTables()
    {
        // Which of the schema's moves were made; a version that knows fewer is refused.
        yield return new OwnTable("migrations")
            .Key("number", "integer").Column("name", "text").Column("sha256", "text").Since("applied_at");
        yield return new OwnTable("tenants")
            .Key("tenant_id", "varchar").Since("created_at")
            .Check("tenants_tenant_id_check", "tenant_id ~ '^[a-z0-9][a-z0-9-]{0,62}$'");
        yield return new OwnTable("api_keys")
            .TenantKey().Key("key_id", "varchar").Column("name", "varchar").Column("secret_hash", "bytea")
            .Column("scopes", "varchar[]").Since("created_at").Nullable("revoked_at", "timestamptz")
            .Check("api_keys_secret_hash_check", Of(Hash, "secret_hash"));
    }

    private static IEnumerable<ISchemaObject> LogTables()
    {
        // One row a tenant. An append swaps it first, which takes its lock to the end of the transaction: positions
        // become visible in order, and whoever expected another size has lost.
        yield return new OwnTable("heads")
            .TenantKey().Column("size", "bigint").Column("recorded_at", "timestamptz").Column("root", "bytea")
            .Check("heads_size_check", "size >= 0").Check("heads_root_check", Of(Hash, "root"));
        // tlog-tiles: 256 hashes a full tile. Full tiles are immutable; the right edge of each level grows until it is
        // full. Level 0 holds the leaves' hashes.
        yield return new OwnTable("tiles")
            .TenantKey(references: false).Key("level", "smallint").Key("index", "bigint").Column("hashes", "bytea")
            .Check("tiles_level_check", "level >= 0").Check("tiles_index_check", "index >= 0")
            .Check("tiles_hashes_check", "octet_length(hashes) = 8192");
        yield return new OwnTable("tile_edges")
            .TenantKey(references: false).Key("level", "smallint").Column("index", "bigint").Column("hashes", "bytea")
            .Check("tile_edges_level_check", "level >= 0").Check("tile_edges_index_check", "index >= 0")
            .Check("tile_edges_hashes_check", "octet_length(hashes) < 8192 and octet_length(hashes) % 32 = 0");
        // A client's Idempotency-Key, kept as a keyed hash. Written with the events that it stands for.
        yield return new OwnTable("idempotency_keys")
            .TenantKey(references: false).Key("key_hash", "bytea").Column("request_hash", "bytea")
            .Column("first_position", "bigint").Column("event_count", "integer").Since("created_at");
        // What was signed. Of one origin and size there is one root, for ever; the note is a C2SP signed note.
        yield return new OwnTable("checkpoints")
            .TenantKey(references: false).Key("origin", "varchar").Key("size", "bigint").Column("root", "bytea")
            .Column("note", "bytea").Since("signed_at")
            .Check("checkpoints_size_check", "size >= 0").Check("checkpoints_root_check", Of(Hash, "root"));
    }

    private static IEnumerable<ISchemaObject> KeyTables()
    {
        // Which master key wraps the tenants' keys; whoever replaces the key raises the number.
        yield return new OwnTable("master_key_in_force")
            .OneRow().Column("number", "integer", "1").Since("since")
            .Check("master_key_in_force_number_check", "number > 0").Unique("master_key_in_force_number_key", "number");
        // Nothing, wrapped by the master key: who starts with another key is told so by it.
        yield return new OwnTable("master_key_check").OneRow().Column("wrapped", "bytea");
        // The key that wraps a tenant's other keys: one, or two while the older one is being replaced. The index key,
        // of ids derived from references, is always the same, wrapped by each. A key that something still names cannot
        // go: nothing becomes unreadable, whoever writes with which key in memory, and whenever a process dies.
        yield return new OwnTable("tenant_keys")
            .TenantKey().Key("number", "integer").Column("wrapped_key", "bytea").Column("wrapped_index_key", "bytea")
            .Column("master_number", "integer", "1").Since("created_at")
            .Check("tenant_keys_number_check", "number > 0")
            .References("wrapped_by_master", "master_key_in_force", ["master_number"], ["number"], onUpdate: true);
        // Under which name and key a log signs its checkpoints. The last one signs; a new one follows when a key is
        // replaced (the origin stays) or when an operator declares that the log goes on from another history.
        yield return new OwnTable("log_keys")
            .TenantKey().Key("number", "integer").Column("origin", "varchar").Column("public_key", "bytea")
            .Column("wrapped_seed", "bytea").Nullable("reason", "varchar").Since("created_at")
            .Nullable("supersedes", "varchar").Column("key_number", "integer", "1")
            .Check("log_keys_number_check", "number > 0").Check("log_keys_public_key_check", Of(Hash, "public_key"))
            .References("wrapped_by", "tenant_keys", ["tenant_id", "key_number"], ["tenant_id", "number"]);
    }

    private static IEnumerable<ISchemaObject> PrivacyTables()
    {
        // A data key for each person, wrapped by the tenant's key. To erase a person is to delete the row.
        yield return new OwnTable("subject_keys")
            .TenantKey(references: false).Key("subject_id", "uuid").Column("wrapped_key", "bytea").Since("created_at")
            .Column("key_number", "integer", "1")
            .References("wrapped_by", "tenant_keys", ["tenant_id", "key_number"], ["tenant_id", "number"]);
        // Who was erased. A row here destroys the subject's data key, in the transaction that writes it, and no key of
        // the subject is taken in again: so no role need be able to delete keys.
        yield return new OwnTable("erased_subjects")
            .TenantKey(references: false).Key("subject_id", "uuid").Column("erased_at", "timestamptz")
            .Column("basis", "varchar");
        // Whose personal text was given to whom: written before the answer is, and never changed.
        var numbers = new Weasel.Postgresql.Sequence(NameOf("personal_reads_number_seq"));
        yield return numbers;
        yield return new OwnTable("personal_reads")
            .TenantKey(references: false).Key("subject_id", "uuid").Key("number", "bigint", numbers)
            .Column("read_at", "timestamptz").Column("key_id", "varchar").Column("operation", "varchar");
    }

    private static IEnumerable<ISchemaObject> ViewTables()
    {
        // Views are disposable: folds of the log, rebuilt at will. The generation is the one that readers see, the
        // position the last one that it reflects, -1 for none.
        yield return new OwnTable("views")
            .TenantKey(references: false).Key("view", "varchar").Column("generation", "integer")
            .Column("position", "bigint").Column("projection_version", "integer").Nullable("rebuilt_at", "timestamptz");
        yield return new OwnTable("quarantine")
            .TenantKey(references: false).Key("view", "varchar").Key("generation", "integer")
            .Key("stream_id", "varchar").Column("position", "bigint").Column("reason", "text").Since("since");
        // The rows of every view, true from the position valid_from until valid_to. due, member_id and team stand
        // beside the row so that lists can filter and page by them, the summary so that a million can be counted.
        var rows = new OwnTable("view_rows")
            .TenantKey(references: false).Key("view", "varchar").Key("generation", "integer")
            .Key("stream_id", "varchar").Key("key", "varchar").Key("valid_from", "bigint")
            .Nullable("valid_to", "bigint").Nullable("due", "timestamptz").Nullable("member_id", "uuid")
            .Nullable("team", "varchar").Column("row", "json").Nullable("summary", "bytea");
        foreach (string index in (string[])
            ["ix_view_rows_due", "ix_open_commitments_team", "ix_open_commitments_member"])
        {
            rows.IgnoreIndex(index); // partial and of many columns: rights.sql makes them
        }
        yield return rows;
    }

    /// <summary>A table's full name.</summary>
    internal static PostgresqlObjectName NameOf(string table) =>
        new(Schema, table, SchemaUtils.IdentifierUsage.General);

    private static string Of(string check, string column) =>
        string.Format(System.Globalization.CultureInfo.InvariantCulture, check, column);
}
