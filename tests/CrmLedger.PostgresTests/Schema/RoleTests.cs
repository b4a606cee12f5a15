using CrmLedger.EventStore.Tenants;
using CrmLedger.PostgresTests.Appending;
using Npgsql;
using static CrmLedger.PostgresTests.Appending.Given;

namespace CrmLedger.PostgresTests.Schema;

/// <summary>
/// Whoever breaks into the server gets its role, and with that can neither change nor remove what is there.
/// </summary>
public sealed class RoleTests(RoleTests.TwoTenants ledger) : IClassFixture<RoleTests.TwoTenants>
{
    private const string Refused = PostgresErrorCodes.InsufficientPrivilege;
    private const string Shrunk = "CL002";
    private const string Stray = "CL003";

    private const string Event = """
        insert into ledger.mt_events (seq_id, id, stream_id, version, data, type, timestamp, tenant_id, mt_dotnet_type,
          headers)
        values (9999, gen_random_uuid(), 'customer-x', 1, '{}', 'x', now(), 'ours', 'x', '{}')
        """;

    [Theory]
    [InlineData("update ledger.mt_events set data = '{}'")]
    [InlineData("update ledger.mt_events set is_archived = true")]
    [InlineData("delete from ledger.mt_events where seq_id = 300")]
    [InlineData("truncate ledger.mt_events")]
    [InlineData("update ledger.tiles set hashes = hashes")]
    [InlineData("delete from ledger.tiles")]
    [InlineData("truncate ledger.tiles")]
    [InlineData("delete from ledger.tile_edges")]
    [InlineData("truncate ledger.tile_edges")]
    [InlineData("delete from ledger.heads")]
    [InlineData("truncate ledger.heads")]
    [InlineData("update ledger.heads set tenant_id = 'other'")]
    [InlineData("delete from ledger.mt_streams")]
    [InlineData("update ledger.mt_streams set is_archived = true")]
    [InlineData("truncate ledger.mt_streams")]
    [InlineData("update ledger.idempotency_keys set request_hash = '\\x00'")]
    [InlineData("delete from ledger.idempotency_keys")]
    [InlineData("update ledger.subject_keys set wrapped_key = '\\x00'")]
    [InlineData("delete from ledger.subject_keys")]
    [InlineData("truncate ledger.subject_keys")]
    [InlineData("update ledger.erased_subjects set basis = 'x'")]
    [InlineData("delete from ledger.erased_subjects")]
    [InlineData("truncate ledger.erased_subjects")]
    [InlineData("update ledger.personal_reads set key_id = 'x'")]
    [InlineData("delete from ledger.personal_reads")]
    [InlineData("truncate ledger.personal_reads")]
    [InlineData("drop trigger never_of_erased on ledger.subject_keys")]
    [InlineData("update ledger.tenant_keys set wrapped_key = '\\x00'")]
    [InlineData("delete from ledger.tenant_keys")]
    [InlineData("truncate ledger.tenant_keys cascade")]
    [InlineData("insert into ledger.tenant_keys values ('ours', 2, '', '')")]
    [InlineData("update ledger.log_keys set wrapped_seed = '\\x00'")]
    [InlineData("update ledger.master_key_in_force set number = 2")]
    [InlineData("delete from ledger.master_key_in_force")]
    [InlineData("update ledger.tenants set created_at = now()")]
    [InlineData("delete from ledger.tenants")]
    [InlineData("update ledger.api_keys set secret_hash = secret_hash")]
    [InlineData("update ledger.api_keys set scopes = '{admin}'")]
    [InlineData("update ledger.master_key_check set wrapped = '\\x00'")]
    [InlineData("delete from ledger.master_key_check")]
    [InlineData("truncate ledger.master_key_check")]
    [InlineData("delete from ledger.migrations")]
    [InlineData("select setval('ledger.mt_events_sequence_t1', 1)")]
    [InlineData("alter table ledger.mt_events disable trigger all")]
    [InlineData("alter table ledger.heads disable row level security")]
    [InlineData("drop trigger only_grows on ledger.heads")]
    [InlineData("drop table ledger.mt_events")]
    [InlineData("create table ledger.mine (x int)")]
    [InlineData("set session_replication_role = replica")]
    [InlineData("set role ledger_owner")]
    public async Task What_is_recorded_can_be_changed_by_neither_server_nor_loader(string sql)
    {
        (await ledger.SqlStateAsync(ledger.Store.Database.Server, TwoTenants.Ours, sql)).ShouldBe(Refused);
        (await ledger.SqlStateAsync(ledger.Store.Database.Loader, TwoTenants.Ours, sql)).ShouldBe(Refused);
    }

    [Theory]
    [InlineData("update ledger.heads set size = size - 1")]
    [InlineData("update ledger.heads set root = root")]
    [InlineData("update ledger.heads set size = 0, root = decode(repeat('00', 32), 'hex')")]
    [InlineData("update ledger.heads set size = size + 1, recorded_at = recorded_at - interval '1 microsecond'")]
    [InlineData("update ledger.mt_streams set version = version - 1")]
    [InlineData("update ledger.mt_streams set timestamp = timestamp")]
    [InlineData("update ledger.tile_edges set hashes = substring(hashes from 1 for 32) where level = 0")]
    [InlineData("update ledger.tile_edges set hashes = decode(repeat('00', 4096), 'hex') where level = 0")]
    [InlineData("update ledger.tile_edges set index = index - 1 where level = 0")]
    public async Task What_grows_can_be_shrunk_by_nobody(string sql)
    {
        string ours = sql.Contains(" where ", StringComparison.Ordinal)
            ? $"{sql} and tenant_id = '{TwoTenants.Ours}'"
            : $"{sql} where tenant_id = '{TwoTenants.Ours}'";
        (await ledger.SqlStateAsync(ledger.Store.Database.Server, TwoTenants.Ours, sql)).ShouldBe(Refused);
        (await ledger.SqlStateAsync(ledger.Store.Database.Loader, TwoTenants.Ours, ours)).ShouldBe(Refused);
        (await ledger.SqlStateAsync(ledger.Store.Database.Owner, TwoTenants.Ours, ours)).ShouldBe(Shrunk);
    }

    [Theory]
    [InlineData("update ledger.heads set size = size + 1")]
    [InlineData("update ledger.mt_streams set version = version + 1")]
    [InlineData("update ledger.tile_edges set hashes = hashes || hashes where level = 1")]
    [InlineData("insert into ledger.tiles values ('ours', 7, 7, decode(repeat('00', 8192), 'hex'))")]
    [InlineData("insert into ledger.tile_edges values ('ours', 7, 7, '')")]
    [InlineData("insert into ledger.tenants values ('mine')")]
    [InlineData("insert into ledger.heads values ('mine', 0, 'epoch', decode(repeat('00', 32), 'hex'))")]
    [InlineData("select ledger.grow('ours', 300, 301, now(), '', '{}', '{}', '{}', '{}', '{}')")]
    [InlineData("select ledger.add_partitions('mine')")]
    [InlineData("select from ledger.mt_events_t1")]
    public async Task Nothing_of_the_log_grows_past_its_functions(string sql)
    {
        (await ledger.SqlStateAsync(ledger.Store.Database.Server, TwoTenants.Ours, sql)).ShouldBe(Refused);
        (await ledger.SqlStateAsync(ledger.Store.Database.Loader, TwoTenants.Ours, sql)).ShouldBe(Refused);
    }

    [Theory]
    [InlineData("insert into ledger.mt_streams (tenant_id, id, version) values ('ours', 'customer-x', 1)")]
    [InlineData(Event)]
    [InlineData("select ledger.mt_quick_append_events('customer-x', null, 'ours', array[gen_random_uuid()], "
        + "'{x}', '{x}', '{\"{}\"}', '{null}', '{null}', '{null}', '{null}', array[now()])")]
    public async Task A_stray_append_is_refused_with_a_sentence(string sql)
    {
        foreach (var role in new[]
        {
            ledger.Store.Database.Server, ledger.Store.Database.Loader, ledger.Store.Database.Owner,
        })
        {
            (await ledger.RefusalAsync(role, TwoTenants.Ours, sql)).ShouldSatisfyAllConditions(
                refused => refused?.SqlState.ShouldBe(Stray),
                refused => refused?.MessageText.ShouldBe(
                    "events come into the ledger through ledger.append_batch alone"),
                refused => refused?.Hint.ShouldNotBeNull().ShouldContain("append through the Sequencer"));
        }
        const string bypass = "select set_config('ledger.appending', 'yes', true); ";
        (await ledger.SqlStateAsync(ledger.Store.Database.Server, TwoTenants.Ours, bypass + sql)).ShouldBe(Stray);
    }

    [Theory]
    [InlineData("update ledger.api_keys set revoked_at = null")]
    [InlineData("update ledger.api_keys set revoked_at = now() + interval '1 year'")]
    public async Task A_revoked_key_stays_revoked(string sql)
    {
        const string revoke = "update ledger.api_keys set revoked_at = now(); ";
        var server = ledger.Store.Database.Server;
        (await ledger.SqlStateAsync(server, TwoTenants.Ours, revoke)).ShouldBeNull();
        (await ledger.SqlStateAsync(server, TwoTenants.Ours, revoke + sql)).ShouldBe(Shrunk);
        (await ledger.SqlStateAsync(server, TwoTenants.Ours, revoke + revoke)).ShouldBe(Shrunk);
    }

    [Theory]
    [InlineData("select from ledger.tenants")]
    [InlineData("insert into ledger.tenants values ('mine')")]
    [InlineData("select from ledger.tenant_keys")]
    [InlineData("select from ledger.master_key_in_force")]
    [InlineData("select from ledger.api_keys")]
    [InlineData("insert into ledger.api_keys values ('ours', 'k', 'n', decode(repeat('00', 32), 'hex'), '{admin}')")]
    [InlineData("select from ledger.subject_keys")]
    [InlineData("select from ledger.personal_reads")]
    [InlineData("select ledger.destroy_erased_keys('ours')")]
    [InlineData("select from ledger.master_key_check")]
    [InlineData("insert into ledger.master_key_check (wrapped) values ('')")]
    public async Task The_loader_makes_neither_tenants_nor_credentials_and_reads_no_keys(string sql) =>
        (await ledger.SqlStateAsync(ledger.Store.Database.Loader, TwoTenants.Ours, sql)).ShouldBe(Refused);

    [Theory]
    [InlineData("set role ledger_loader")]
    [InlineData("update ledger.view_rows set row = '{}'")]
    [InlineData("delete from ledger.view_rows")]
    [InlineData("update ledger.views set position = 0")]
    [InlineData("delete from ledger.quarantine")]
    [InlineData("insert into ledger.views values ('theirs', 'x', 1, -1, 1)")]
    public async Task Views_are_the_loaders_alone(string sql) =>
        (await ledger.SqlStateAsync(ledger.Store.Database.Server, TwoTenants.Ours, sql)).ShouldBe(Refused);

    [Theory]
    [InlineData("tenants")]
    [InlineData("heads")]
    [InlineData("mt_streams")]
    [InlineData("mt_events")]
    [InlineData("tiles")]
    [InlineData("tile_edges")]
    [InlineData("idempotency_keys")]
    [InlineData("subject_keys")]
    [InlineData("tenant_keys")]
    [InlineData("erased_subjects")]
    [InlineData("personal_reads")]
    [InlineData("api_keys")]
    [InlineData("views")]
    [InlineData("view_rows")]
    [InlineData("quarantine")]
    public async Task The_server_sees_the_tenant_that_is_set_and_no_other(string table)
    {
        string count =
            $"select count(*), count(*) filter (where tenant_id = '{TwoTenants.Theirs}') from ledger.{table}";
        (await ledger.Store.AsAdminAsync($"select count(distinct tenant_id) from ledger.{table}"))
            .ShouldBe(2L, "without rows of both tenants this would show nothing");

        (await ledger.CountsAsync(TwoTenants.Ours, count)).ShouldSatisfyAllConditions(
            c => c.All.ShouldBeGreaterThan(0), c => c.Theirs.ShouldBe(0));
        (await ledger.CountsAsync(TwoTenants.Theirs, count)).ShouldSatisfyAllConditions(
            c => c.Theirs.ShouldBeGreaterThan(0), c => c.All.ShouldBe(c.Theirs));
        (await ledger.CountsAsync("nobody", count)).ShouldBe((0, 0));
        (await ledger.CountsAsync(null, count)).ShouldBe((0, 0));
    }

    [Theory]
    [InlineData("insert into ledger.tenants values ('theirs-too')")]
    [InlineData("insert into ledger.tenant_keys values ('theirs', 1, '', '')")]
    [InlineData("insert into ledger.heads values ('theirs-too', 0, 'epoch', decode(repeat('00', 32), 'hex'))")]
    [InlineData("insert into ledger.tiles values ('theirs', 7, 7, decode(repeat('00', 8192), 'hex'))")]
    [InlineData("insert into ledger.tile_edges values ('theirs', 7, 7, '')")]
    [InlineData("insert into ledger.idempotency_keys values ('theirs', '\\x00', '\\x00', 0, 1)")]
    [InlineData("insert into ledger.subject_keys values ('theirs', gen_random_uuid(), '\\x00')")]
    [InlineData("insert into ledger.personal_reads values ('theirs', gen_random_uuid(), default, now(), 'k', 'x')")]
    [InlineData("insert into ledger.erased_subjects values ('theirs', gen_random_uuid(), now(), 'x')")]
    [InlineData("insert into ledger.api_keys values ('theirs', 'k', 'n', decode(repeat('00', 32), 'hex'), '{admin}')")]
    public async Task The_server_can_insert_for_no_other_tenant(string sql) =>
        (await ledger.SqlStateAsync(ledger.Store.Database.Server, TwoTenants.Ours, sql)).ShouldBe(Refused);

    [Fact]
    public async Task Who_was_erased_has_no_key_and_is_given_none_again()
    {
        const string erase = """
            insert into ledger.erased_subjects
            select tenant_id, subject_id, now(), 'x' from ledger.subject_keys where tenant_id = 'ours';
            """;
        const string keysLeft = """
            do $$ begin
              if exists (select from ledger.subject_keys where tenant_id = 'ours') then raise exception 'left'; end if;
            end $$;
            """;
        const string giveAgain = """
            insert into ledger.subject_keys (tenant_id, subject_id, wrapped_key)
            select tenant_id, subject_id, '\x00' from ledger.erased_subjects where tenant_id = 'ours'
            """;
        var server = ledger.Store.Database.Server;
        (await ledger.SqlStateAsync(server, TwoTenants.Ours, keysLeft)).ShouldBe(PostgresErrorCodes.RaiseException);
        (await ledger.SqlStateAsync(server, TwoTenants.Ours, erase + keysLeft)).ShouldBeNull();
        (await ledger.SqlStateAsync(server, TwoTenants.Ours, erase + giveAgain))
            .ShouldBe(PostgresErrorCodes.CheckViolation);
    }

    [Fact]
    public async Task After_all_that_the_logs_are_whole()
    {
        (await ledger.Store.CheckAsync(TwoTenants.Ours)).Count.ShouldBe(300);
        (await ledger.Store.CheckAsync(TwoTenants.Theirs)).Count.ShouldBe(300);
    }

    /// <summary>Two tenants with something in every table.</summary>
    public sealed class TwoTenants : IAsyncLifetime
    {
        public const string Ours = "ours";
        public const string Theirs = "theirs";

        internal TestStore Store { get; } = new();

        public async Task InitializeAsync()
        {
            var cancel = CancellationToken.None;
            await Store.InitializeAsync();
            foreach (string tenant in new[] { Ours, Theirs })
            {
                var keys = await new TenantDirectory(Store.Database, Store.Master).FindOrCreateAsync(tenant, cancel);
                await new ApiKeys(Store.Database).CreateAsync(tenant, "key", [Scopes.Read], cancel);
                var subject = new EventStore.Privacy.SubjectKeys(Store.Database, keys).Make(Guid.CreateVersion7());
                (await Store.NewLog(tenant).AppendAsync(
                    NewStreamOf(Events(300)) with { NewKeys = [subject], Idempotency = new([1], [2]) }, cancel))
                    .ShouldBeAppended();
                await Store.AsAdminAsync("""
                    with v as (insert into ledger.views values ($1, 'x', 1, -1, 1)),
                      e as (insert into ledger.erased_subjects values ($1, gen_random_uuid(), now(), 'x')),
                      r as (insert into ledger.personal_reads values ($1, gen_random_uuid(), default, now(), 'k', 'x')),
                      q as (insert into ledger.quarantine values ($1, 'x', 1, 's', 0, 'r'))
                    insert into ledger.view_rows values ($1, 'x', 1, 's', 'k', 0, null, null, null, null, '{}')
                    """, tenant);
            }
        }

        public Task DisposeAsync() => Store.DisposeAsync();

        /// <summary>How PostgreSQL refuses a statement; null when it does not. It is never committed.</summary>
        internal async Task<string?> SqlStateAsync(NpgsqlDataSource role, string? tenant, string sql) =>
            (await RefusalAsync(role, tenant, sql))?.SqlState;

        internal async Task<PostgresException?> RefusalAsync(NpgsqlDataSource role, string? tenant, string sql)
        {
            await using var connection = await role.OpenConnectionAsync();
            await using var transaction = await connection.BeginTransactionAsync();
            try
            {
                await SetTenantAsync(connection, tenant);
                await using var command = new NpgsqlCommand(sql, connection);
                await command.ExecuteNonQueryAsync();
                return null;
            }
            catch (PostgresException refused)
            {
                return refused;
            }
        }

        internal async Task<(long All, long Theirs)> CountsAsync(string? tenant, string sql)
        {
            await using var connection = await Store.Database.Server.OpenConnectionAsync();
            await using var transaction = await connection.BeginTransactionAsync();
            await SetTenantAsync(connection, tenant);
            await using var command = new NpgsqlCommand(sql, connection);
            await using var reader = await command.ExecuteReaderAsync();
            await reader.ReadAsync();
            return (reader.GetInt64(0), reader.GetInt64(1));
        }

        private static async Task SetTenantAsync(NpgsqlConnection connection, string? tenant)
        {
            if (tenant is null)
                return;
            await using var set = new NpgsqlCommand("select set_config('ledger.tenant', $1, true)", connection);
            set.Parameters.Add(new() { Value = tenant });
            await set.ExecuteNonQueryAsync();
        }
    }
}
