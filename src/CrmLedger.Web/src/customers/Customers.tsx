import { useEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import { useLocation } from 'wouter';
import { saveCsv } from '../api/saveCsv.ts';
import { Register } from '../record/Register.tsx';
import { mayDo, useCaller } from '../session/caller.ts';
import { texts } from '../texts.ts';
import { useAddress } from '../ui/address.ts';
import { Field } from '../ui/Field.tsx';
import { formatCount } from '../ui/format.ts';
import { Failed, Empty, Loading } from '../ui/States.tsx';
import { useNarrow } from '../ui/narrow.ts';
import { useSettled } from '../ui/settled.ts';
import { useShortcut } from '../ui/shortcut.ts';
import { CustomersList } from './CustomersList.tsx';
import { asQuery, none, useCustomers, type Filters } from './useCustomers.ts';
import './customers.css';

const say = texts.customers;

/** Finds a customer by name or reference, and shows who needs somebody. */
export function Customers() {
  const caller = useCaller();
  const narrow = useNarrow();
  const [asked, change] = useAddress<Filters>(none);
  const filters = known(asked);
  const [registering, setRegistering] = useState(false);
  const customers = useCustomers(filters);
  const rows = customers.data?.pages.flatMap((page) => page.items) ?? [];
  const total = customers.data?.pages[0]?.total ?? 0;
  const more = customers.hasNextPage ? () => void customers.fetchNextPage() : null;
  const isUnfiltered = Object.keys(asQuery({ ...filters, order: '' })).length === 0;
  const isEmptyYet = isUnfiltered && !customers.isPlaceholderData;
  const register = mayDo(caller, 'append') && (
    <button type="button" className="button" onClick={() => setRegistering(true)}>
      {texts.record.register}
    </button>
  );
  return (
    <div className="customers-page">
      <div className="page-head">
        <div>
          <h1>{texts.pages.customers}</h1>
          <p className="lead">{say.lead}</p>
        </div>
        {register}
      </div>
      <div className="card stack">
        <Finding filters={filters} change={change} first={rows[0]?.customerId} />
        {customers.data === undefined &&
          (customers.isError ? (
            <Failed thrown={customers.error} again={() => void customers.refetch()} />
          ) : (
            <Loading height={420} />
          ))}
        {customers.data !== undefined && rows.length === 0 && isEmptyYet && (
          <Empty title={say.noneYet}>
            <p>{customers.data.pages[0]?.notice ?? say.noneYetHint}</p>
            {register}
          </Empty>
        )}
        {customers.data !== undefined && rows.length === 0 && !isEmptyYet && (
          <Empty title={say.none}>
            <p>{customers.data.pages[0]?.notice ?? say.noneHint}</p>
            <button type="button" className="button" onClick={() => change(none)}>
              {say.clear}
            </button>
          </Empty>
        )}
        {rows.length > 0 && (
          <>
            <div className="row apart">
              <span className="muted small" role="status">
                {texts.table.total(formatCount(total))}
              </span>
              <button
                type="button"
                className="button quiet small"
                onClick={() => void saveCsv('/v1/loyalty/customers', asQuery(filters), 'customers')}
              >
                {texts.table.csv}
              </button>
            </div>
            <CustomersList
              rows={rows}
              total={total}
              narrow={narrow}
              more={more}
              loadingMore={customers.isFetchingNextPage}
            />
          </>
        )}
      </div>
      {registering && <Register close={() => setRegistering(false)} />}
    </div>
  );
}

/** The filters of the address; a value that there is not, such as one of an older page, filters nothing. */
const known = (asked: Filters): Filters => ({
  ...asked,
  stage: Object.hasOwn(say.stages, asked.stage) ? asked.stage : '',
  risk: asked.risk === 'any' || Object.hasOwn(say.risks, asked.risk) ? asked.risk : '',
  order: asked.order === 'since' ? asked.order : '',
});

function Finding({
  filters,
  change,
  first,
}: {
  filters: Filters;
  change: (changes: Partial<Filters>) => void;
  first: string | undefined;
}) {
  const [, go] = useLocation();
  const field = useRef<HTMLInputElement>(null);
  const [find, setFind] = useState(filters.find);
  const [asked, setAsked] = useState(filters.find);
  const settled = useSettled(find, 200);
  if (filters.find !== asked) {
    // the address was changed by something else, such as the way back
    setAsked(filters.find);
    setFind(filters.find);
  }
  useEffect(() => {
    if (settled !== find || settled.trim() === asked) return;
    setAsked(settled.trim());
    change({ find: settled.trim() });
  }, [settled, find, asked, change]);
  useShortcut(useMemo(() => ({ '/': () => field.current?.focus() }), []));
  function openFirst(event: KeyboardEvent) {
    if (event.key === 'Enter' && first !== undefined && find.trim() === filters.find) go(`/customers/${first}`);
  }
  return (
    <form className="finding" role="search" onSubmit={(event) => event.preventDefault()}>
      <div className="wide">
        <Field label={say.find}>
          {(control) => (
            <input
              {...control}
              ref={field}
              className="input"
              type="search"
              placeholder={say.findHint}
              maxLength={100}
              autoComplete="off"
              spellCheck={false}
              value={find}
              onKeyDown={openFirst}
              onChange={(event) => setFind(event.target.value)}
            />
          )}
        </Field>
      </div>
      <Choice
        label={say.stage}
        value={filters.stage}
        choose={(stage) => change({ stage })}
        options={[['', say.anyStage], ...Object.entries(say.stages)]}
      />
      <Choice
        label={say.risk}
        value={filters.risk}
        choose={(risk) => change({ risk })}
        options={[['', say.anyRisk], ['any', say.atRisk], ...Object.entries(say.risks)]}
      />
      <Segment value={filters.segment} choose={(segment) => change({ segment })} />
      <Choice
        label={say.order}
        value={filters.order}
        choose={(order) => change({ order })}
        options={[
          ['', say.byTrust],
          ['since', say.bySince],
        ]}
      />
    </form>
  );
}

function Choice({
  label,
  value,
  options,
  choose,
}: {
  label: string;
  value: string;
  options: readonly (readonly [string, string])[];
  choose: (value: string) => void;
}) {
  return (
    <Field label={label}>
      {(control) => (
        <select {...control} className="input" value={value} onChange={(event) => choose(event.target.value)}>
          {options.map(([option, text]) => (
            <option key={option} value={option}>
              {text}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

/** The tenant's own words, which nobody lists for every role: typed, and taken when it settles. */
function Segment({ value, choose }: { value: string; choose: (value: string) => void }) {
  const [text, setText] = useState(value);
  const [asked, setAsked] = useState(value);
  const settled = useSettled(text, 300);
  if (value !== asked) {
    setAsked(value);
    setText(value);
  }
  useEffect(() => {
    if (settled !== text || settled.trim() === asked) return;
    setAsked(settled.trim());
    choose(settled.trim());
  }, [settled, text, asked, choose]);
  return (
    <Field label={say.segment}>
      {(control) => (
        <input
          {...control}
          className="input"
          placeholder={say.anySegment}
          maxLength={100}
          value={text}
          autoComplete="off"
          onChange={(event) => setText(event.target.value)}
        />
      )}
    </Field>
  );
}
