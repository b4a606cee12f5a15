import { useMemo, useState } from 'react';
import { Link } from 'wouter';
import { useQueryClient } from '@tanstack/react-query';
import { ledger, problemOf, type Shapes } from '../api/client.ts';
import { ActDialog } from '../commitments/ActDialog.tsx';
import { Actions } from '../commitments/Actions.tsx';
import { actionsOf, type Action, type Commitment } from '../commitments/commitment.ts';
import { mayDo, useCaller } from '../session/caller.ts';
import { texts } from '../texts.ts';
import { Card } from '../ui/Card.tsx';
import { usePart } from '../ui/parts.ts';
import { Answered, Empty } from '../ui/States.tsx';
import { Time } from '../ui/Time.tsx';
import { toast } from '../ui/Toast.tsx';
import { formatCount, formatDuration, formatMoment, formatScore, formatWord } from '../ui/format.ts';
import { Events } from './Events.tsx';
import { Timeline } from './Timeline.tsx';
import { isMissed, outcomeOf, toneOf, type Told } from './outcome.ts';
import './promises.css';

/** One promise as a story: what was promised, what became of it, and every event that made it so. */
export function PromisePage() {
  const customerId = usePart('customerId');
  const promiseId = usePart('promiseId');
  const told = ledger.useQuery('get', '/v1/customers/{customerId}/promises/{promiseId}', {
    params: { path: { customerId, promiseId } },
  });
  const trust = ledger.useQuery('get', '/v1/customers/{customerId}/trust', { params: { path: { customerId } } });
  if (told.data === undefined && told.isError && problemOf(told.error).status === 404) {
    return (
      <>
        <h1 className="hidden-but-read">{texts.promise.unknown}</h1>
        <Empty title={texts.promise.unknown}>
          <p>{problemOf(told.error).detail}</p>
          <Link className="button" href={trust.data ? `/customers/${trust.data.customerId}` : '/customers'}>
            {trust.data ? texts.promise.toCustomer(nameOf(trust.data)) : texts.customers.back}
          </Link>
        </Empty>
      </>
    );
  }
  return (
    <Answered to={told} height={420}>
      {(story) => <Story told={story} trust={trust.data} />}
    </Answered>
  );
}

const nameOf = (trust: Shapes['TrustAnswer'] | undefined): string =>
  trust?.customer?.name ?? trust?.customer?.reference ?? texts.promise.theCustomer;

function useNames(): (memberId: string) => string {
  const members = ledger.useQuery(
    'get',
    '/v1/members',
    { params: { query: { limit: 1_000 } } },
    { staleTime: 300_000 },
  );
  return useMemo(() => {
    const names = new Map(
      members.data?.items.map(({ memberId, member }) => [memberId, member?.name ?? member?.reference]),
    );
    return (id) => names.get(id) ?? texts.promise.member(id.slice(0, 8));
  }, [members.data]);
}

function Story({ told, trust }: { told: Told; trust: Shapes['TrustAnswer'] | undefined }) {
  const mayAct = mayDo(useCaller(), 'append');
  const known = useQueryClient();
  const memberOf = useNames();
  const [doing, setDoing] = useState<Action | null>(null);
  const now = Date.now();
  const { promise } = told;
  const outcome = outcomeOf(told);
  const customer = nameOf(trust);
  const it: Commitment = {
    customerId: told.customerId,
    customer,
    sort: 'promise',
    id: promise.promiseId,
    what: promise.conditions ?? texts.commitments.conditionsGone,
    status: told.status,
    bindingDue: promise.bindingDue,
    overdue: now > Date.parse(promise.bindingDue),
    missed: isMissed(outcome),
  };
  const { shown, more } = actionsOf(it);
  return (
    <>
      <div className="page-head">
        <div className="promise-head">
          <p>
            <Link href={`/customers/${told.customerId}`}>{customer}</Link>
            <span className="muted">{` · ${formatWord(promise.kind)}`}</span>
          </p>
          <h1 tabIndex={-1} className="said">
            {it.what}
          </h1>
          <p className="lead">
            {texts.promise.promisedBy(memberOf(promise.makerId), promise.makerTeam)} <Time at={promise.madeAt} />
            {promise.holderId !== promise.makerId &&
              ` · ${texts.promise.heldBy(memberOf(promise.holderId), promise.holderTeam)}`}
          </p>
        </div>
        {mayAct && shown.length + more.length > 0 && <Actions it={it} act={setDoing} />}
      </div>
      <div className="grid">
        <Card title={texts.promise.line} span={8}>
          <Timeline told={told} now={now} />
        </Card>
        <Card title={texts.promise.stands} span={4}>
          <Stands told={told} trust={trust} />
        </Card>
        <Card title={texts.promise.events} note={texts.knownAt(formatMoment(told.asOf), formatCount(told.position))}>
          <Events told={told} nameOf={memberOf} />
        </Card>
      </div>
      {doing && (
        <ActDialog
          action={doing}
          it={it}
          close={() => setDoing(null)}
          done={() => {
            setDoing(null);
            toast(texts.commitments.doneFor(texts.commitments.done[doing], customer));
            void known.invalidateQueries();
            requestAnimationFrame(() => document.querySelector<HTMLElement>('h1')?.focus());
          }}
        />
      )}
    </>
  );
}

/** What it has come to, its dates, and what it did to the customer's trust. */
function Stands({ told, trust }: { told: Told; trust: Shapes['TrustAnswer'] | undefined }) {
  const { promise } = told;
  const outcome = outcomeOf(told);
  const late = promise.keptAt == null ? 0 : (Date.parse(promise.keptAt) - Date.parse(promise.bindingDue)) / 1_000;
  const evidence = trust?.evidence.filter((one) => one.source === `promise/${promise.promiseId}`) ?? [];
  const points = evidence.reduce((sum, one) => sum + one.points, 0);
  const t = texts.promise;
  return (
    <div className="stack-small">
      <p>
        <span className={`badge outcome ${toneOf(outcome)}`}>{t.outcomes[outcome]}</span>
      </p>
      <p className="muted small">{t.why[outcome]}</p>
      <dl className="facts">
        <div>
          <dt>{t.firstDue}</dt>
          <dd>
            <Time at={promise.firstDue} />
          </dd>
        </div>
        <div>
          <dt>{t.bindingDue}</dt>
          <dd>
            <Time at={promise.bindingDue} />
          </dd>
        </div>
        {promise.renegotiations > 0 && (
          <div>
            <dt>{t.moves}</dt>
            <dd>{texts.today.moved(promise.renegotiations)}</dd>
          </div>
        )}
        {promise.proposedDue && (
          <div>
            <dt>{t.proposedDue}</dt>
            <dd>
              <Time at={promise.proposedDue} />
            </dd>
          </div>
        )}
        {promise.keptAt && (
          <div>
            <dt>{t.keptAt}</dt>
            <dd>
              <Time at={promise.keptAt} />
            </dd>
          </div>
        )}
        {late > 0 && (
          <div>
            <dt>{t.late}</dt>
            <dd>{formatDuration(late)}</dd>
          </div>
        )}
        {promise.missCause && (
          <div>
            <dt>{t.cause}</dt>
            <dd>{texts.commitments.causes[promise.missCause]}</dd>
          </div>
        )}
        {evidence.length > 0 && (
          <div>
            <dt>{t.trust}</dt>
            <dd className={points < 0 ? 'trust-down' : 'trust-up'}>
              {t.points(`${points < 0 ? '−' : '+'}${formatScore(Math.abs(points))}`)}
            </dd>
          </div>
        )}
      </dl>
      {promise.imported && <p className="muted small">{t.imported}</p>}
      {promise.recordedLate && <p className="muted small">{t.recordedLate}</p>}
    </div>
  );
}
