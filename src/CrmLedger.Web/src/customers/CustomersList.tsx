import { Link } from 'wouter';
import type { Shapes } from '../api/client.ts';
import { texts } from '../texts.ts';
import { formatMoney, formatScore } from '../ui/format.ts';
import { Time } from '../ui/Time.tsx';
import { VirtualRows } from '../ui/VirtualRows.tsx';
import { VirtualTable } from '../ui/VirtualTable.tsx';
import { Name, Risks, StageBadge, TrustBar } from './Parts.tsx';

type Row = Shapes['LoyalCustomer'];

const say = texts.customers;

type Props = {
  rows: readonly Row[];
  total: number;
  more: (() => void) | null;
  loadingMore: boolean;
};

/** The customers found: a table, or on a phone two lines for each. */
export function CustomersList({ narrow, ...list }: Props & { narrow: boolean }) {
  return narrow ? <OnPhone {...list} /> : <AsTable {...list} />;
}

const valueOf = (row: Row): string =>
  row.value.map((value) => formatMoney(value.valueMinor, value.currency)).join(' + ') || '–';

function AsTable(list: Props) {
  return (
    <VirtualTable
      caption={say.list}
      {...list}
      keyOf={(row) => row.customerId}
      rowHeight={54}
      widths="minmax(190px, 2.2fr) minmax(90px, 1fr) 108px minmax(130px, 1.5fr) 120px 108px minmax(96px, 1fr)"
      columns={[
        { title: say.name, text: (row) => row.customer?.name, show: (row) => <Opens row={row} /> },
        { title: say.segment, text: (row) => row.segment ?? '' },
        { title: say.stage, text: (row) => row.stage, show: (row) => <StageBadge stage={row.stage} /> },
        { title: say.risk, text: (row) => row.risks.length, show: (row) => <Risks risks={row.risks} /> },
        { title: say.trust, text: (row) => row.trust, show: (row) => <TrustBar trust={row.trust} /> },
        {
          title: say.lastPurchase,
          text: (row) => row.lastPurchase,
          show: (row) =>
            row.lastPurchase ? <Time at={row.lastPurchase} as="day" /> : <span className="muted">{say.never}</span>,
        },
        { title: say.value, text: valueOf, toRight: true },
      ]}
    />
  );
}

function Opens({ row }: { row: Row }) {
  return (
    <Link href={`/customers/${row.customerId}`} className="opens">
      <Name of={row.customer} />
      <span className="muted small">{row.customer?.reference}</span>
    </Link>
  );
}

function OnPhone({ rows, total, more, loadingMore }: Props) {
  return (
    <VirtualRows
      label={say.list}
      rows={rows}
      total={total}
      keyOf={(row) => row.customerId}
      height={62}
      more={more}
      loadingMore={loadingMore}
    >
      {(row) => (
        <Link href={`/customers/${row.customerId}`} className="two-lines">
          <span className="line">
            <Name of={row.customer} />
            <span className="number">{`${say.trust} ${formatScore(row.trust)}`}</span>
          </span>
          <span className="line">
            <span className="muted small">{row.customer?.reference}</span>
            <span className="row">
              <Risks risks={row.risks} />
              <StageBadge stage={row.stage} />
            </span>
          </span>
        </Link>
      )}
    </VirtualRows>
  );
}
