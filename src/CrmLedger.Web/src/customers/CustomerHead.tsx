import { Link } from 'wouter';
import { keepPreviousData } from '@tanstack/react-query';
import { ledger, type Shapes } from '../api/client.ts';
import { RecordActions } from '../record/RecordActions.tsx';
import { mayDo, useCaller } from '../session/caller.ts';
import { texts } from '../texts.ts';
import { formatDay, formatMoment, formatMoney, formatScore, formatWord } from '../ui/format.ts';
import { Time } from '../ui/Time.tsx';
import { erasure, isErased, isUnreadable, latestOf, mergedInto, textOf, type History } from './entries.ts';
import { Name, Rail, Risks, StageBadge } from './Parts.tsx';

const say = texts.customers;

type Props = {
  loyalty: Shapes['LoyaltyAnswer'];
  /** Missing while it comes, and for who may not read it. */
  history: History | undefined;
  atLeast: number | undefined;
  mayRead: boolean;
  recorded: (answer: Shapes['CommandAnswer']) => void;
};

export function CustomerHead({ loyalty, history, atLeast, mayRead, recorded }: Props) {
  const caller = useCaller();
  const { customer } = loyalty;
  const gone = isErased(customer?.name) || (history !== undefined && mergedInto(history.events) !== null);
  return (
    <section className="card stack" aria-label={texts.customers.name}>
      <Link href="/customers" className="small">{`← ${say.back}`}</Link>
      <div className="row apart">
        <div className="who-is">
          <h1>
            <Name of={customer} />
          </h1>
          {customer?.reference !== undefined && !isErased(customer.reference) && (
            <bdi className="badge">{customer.reference}</bdi>
          )}
          {customer?.segment !== undefined && <span className="badge">{customer.segment}</span>}
          <StageBadge stage={loyalty.stage} />
          <Risks risks={loyalty.risks} />
        </div>
        {mayDo(caller, 'append') && !gone && <RecordActions customerId={loyalty.customerId} recorded={recorded} />}
      </div>
      <Standing loyalty={loyalty} history={history} mayRead={mayRead} />
      {loyalty.risks.map(({ reason, explanation }) => (
        <p key={reason} className="callout warn">
          {explanation}
        </p>
      ))}
      <Facts loyalty={loyalty} history={history} atLeast={atLeast} />
    </section>
  );
}

/** What must be known before anything else is read: erased, merged, unreadable, or not for this key. */
function Standing({ loyalty, history, mayRead }: Pick<Props, 'loyalty' | 'history' | 'mayRead'>) {
  const merged = history === undefined ? null : mergedInto(history.events);
  const erased = history === undefined ? null : erasure(history.events);
  return (
    <>
      {isErased(loyalty.customer?.name) && (
        <p className="callout bad">{say.erased(erased === null ? '' : formatMoment(erased.occurredAt))}</p>
      )}
      {isUnreadable(loyalty.customer?.name) && <p className="callout bad">{say.unreadable}</p>}
      {merged !== null && (
        <div className="callout warn">
          <p>{say.merged}</p>
          {merged.reason !== '' && <p className="muted">{merged.reason}</p>}
          <p>
            <Link href={`/customers/${merged.customerId}`}>{say.mergedTo}</Link>
          </p>
        </div>
      )}
      {!mayRead && <p className="callout">{say.onlyOutlines}</p>}
    </>
  );
}

function Facts({ loyalty, history, atLeast }: Pick<Props, 'loyalty' | 'history' | 'atLeast'>) {
  const trust = ledger.useQuery(
    'get',
    '/v1/customers/{customerId}/trust',
    {
      params: { path: { customerId: loyalty.customerId }, query: atLeast === undefined ? {} : { atLeast } },
    },
    { placeholderData: keepPreviousData },
  );
  const consents = latestOf(history?.events ?? [], 'consent_recorded', 'purpose');
  return (
    <dl className="facts">
      <div>
        <dt>{say.trust}</dt>
        <dd className="big">{formatScore(loyalty.trust)}</dd>
        <dd>
          <Rail trust={loyalty.trust} />
        </dd>
        {trust.data && (
          <dd className="muted small">{say.doubt(formatScore(trust.data.atLeast), formatScore(trust.data.atMost))}</dd>
        )}
      </div>
      <div>
        <dt>{say.value}</dt>
        {loyalty.value.length === 0 && <dd className="muted">{say.never}</dd>}
        {loyalty.value.map((value) => (
          <dd key={value.currency} className="big number">
            {formatMoney(value.valueMinor, value.currency)}
          </dd>
        ))}
      </div>
      <div>
        <dt>{say.lastPurchase}</dt>
        <dd>
          {loyalty.buying.last ? (
            <Time at={loyalty.buying.last} as="day" />
          ) : (
            <span className="muted">{say.never}</span>
          )}
        </dd>
      </div>
      <div>
        <dt>{say.stage}</dt>
        <dd>
          {loyalty.stage && loyalty.since ? (
            say.stageSince(say.stages[loyalty.stage], formatDay(loyalty.since))
          ) : (
            <span className="muted">–</span>
          )}
        </dd>
      </div>
      {history !== undefined && (
        <div>
          <dt>{say.consents}</dt>
          {consents.length === 0 && <dd className="muted">{say.noConsents}</dd>}
          {consents.map((entry) => (
            <dd key={entry.id}>
              {`${formatWord(textOf(entry, 'purpose'))}: ${entry.data['given'] === true ? say.given : say.refused}`}
            </dd>
          ))}
        </div>
      )}
    </dl>
  );
}
