using Weasel.Core;
using Weasel.Postgresql.Tables;

namespace CrmLedger.EventStore.Schema;

/// <summary>A table of the ledger's own, short to declare.</summary>
internal sealed class OwnTable : Table
{
    /// <param name="name">Its name in the ledger's schema.</param>
    public OwnTable(string name) : base(LedgerTables.NameOf(name)) =>
        PrimaryKeyName = $"{name}_pkey";

    /// <summary>The tenant, first in the primary key.</summary>
    /// <param name="references">Whether the tenant must be there.</param>
    public OwnTable TenantKey(bool references = true)
    {
        Key("tenant_id", "varchar");
        return references
            ? References($"{Identifier.Name}_tenant_id_fkey", "tenants", ["tenant_id"], ["tenant_id"])
            : this;
    }

    /// <summary>A column of the primary key, in this order.</summary>
    public OwnTable Key(string name, string type, Weasel.Postgresql.Sequence? numbers = null)
    {
        var column = AddColumn(name, type).NotNull().AsPrimaryKey();
        if (numbers is not null)
            column.DefaultValueFromSequence(numbers);
        return this;
    }

    /// <summary>A column that is never null.</summary>
    public OwnTable Column(string name, string type, string? otherwise = null)
    {
        var column = AddColumn(name, type).NotNull();
        if (otherwise is not null)
            column.DefaultValueByExpression(otherwise);
        return this;
    }

    /// <summary>A column that may be null.</summary>
    public OwnTable Nullable(string name, string type)
    {
        AddColumn(name, type).AllowNulls();
        return this;
    }

    /// <summary>When the row was written.</summary>
    public OwnTable Since(string name) => Column(name, "timestamptz", "now()");

    /// <summary>A primary key that has room for one row.</summary>
    public OwnTable OneRow()
    {
        AddColumn("only_row", "boolean").NotNull().DefaultValueByExpression("true").AsPrimaryKey();
        return Check($"{Identifier.Name}_only_row_check", "only_row");
    }

    /// <summary>A condition that every row fulfils.</summary>
    public OwnTable Check(string name, string expression)
    {
        CheckConstraints.Add(new(name, expression));
        return this;
    }

    /// <summary>A column without two equal values.</summary>
    public OwnTable Unique(string name, string column)
    {
        Indexes.Add(new IndexDefinition(name) { Columns = [column], IsUnique = true });
        return this;
    }

    /// <summary>Columns that name a row of another table.</summary>
    public OwnTable References(
        string name, string table, string[] columns, string[] theirs, bool onUpdate = false)
    {
        ForeignKeys.Add(new ForeignKey(name)
        {
            LinkedTable = LedgerTables.NameOf(table),
            ColumnNames = columns,
            LinkedNames = theirs,
            UpdateAction = onUpdate ? CascadeAction.Cascade : CascadeAction.NoAction,
        });
        return this;
    }
}
