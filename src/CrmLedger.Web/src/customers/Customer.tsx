import { useMemo, useState } from 'react';
import { Link } from 'wouter';
import { useHistoryState } from 'wouter/use-browser-location';
import { keepPreviousData, useQueryClient } from '@tanstack/react-query';
import { ledger, problemOf, type Shapes } from '../api/client.ts';
import { mayDo, useCaller } from '../session/caller.ts';
import { texts } from '../texts.ts';
import { usePart } from '../ui/parts.ts';
import { Answered, Empty, Failed, Loading } from '../ui/States.tsx';
import { CustomerHead } from './CustomerHead.tsx';
import { Needs } from './Needs.tsx';
import { Owed } from './Owed.tsx';
import { namedIn, type Named } from './sentences.ts';
import { Timeline } from './Timeline.tsx';
import { Trust } from './Trust.tsx';
import { useHistory } from './useHistory.ts';
import './customers.css';

/** One customer: how things stand, what happened, what is owed. */
export function Customer() {
  const customerId = usePart('customerId');
  return <Whole key={customerId} customerId={customerId} />;
}

/** What must be known at least: the position that whoever came here, or recorded here, saw last. */
function useKnown() {
  const come = useHistoryState<{ atLeast?: number } | null>();
  const [atLeast, setAtLeast] = useState(come?.atLeast);
  const known = useQueryClient();
  const recorded = ({ position }: Shapes['CommandAnswer']) => {
    setAtLeast((before) => Math.max(before ?? 0, position ?? 0));
    void known.invalidateQueries({ queryKey: ['customers'], refetchType: 'none' });
  };
  return { atLeast, recorded };
}

function Whole({ customerId }: { customerId: string }) {
  const caller = useCaller();
  const mayRead = mayDo(caller, 'read', 'audit');
  const { atLeast, recorded } = useKnown();
  const loyalty = ledger.useQuery(
    'get',
    '/v1/customers/{customerId}/loyalty',
    {
      params: { path: { customerId }, query: atLeast === undefined ? {} : { atLeast } },
    },
    { placeholderData: keepPreviousData },
  );
  const history = useHistory(customerId, atLeast, mayRead);
  const problem = loyalty.data === undefined && loyalty.isError ? problemOf(loyalty.error) : null;
  if (problem?.status === 404) {
    return (
      <>
        <h1 className="hidden-but-read">{texts.customers.unknown}</h1>
        <Empty title={texts.customers.unknown}>
          <p>{problem.detail}</p>
          <Link href="/customers" className="button">
            {texts.customers.back}
          </Link>
        </Empty>
      </>
    );
  }
  return (
    <div className="stack customers-page">
      <Answered to={loyalty} height={180}>
        {(answer) => (
          <>
            <CustomerHead
              loyalty={answer}
              history={history.data}
              atLeast={atLeast}
              mayRead={mayRead}
              recorded={recorded}
            />
            <div className="grid">
              {mayRead && <Past loyalty={answer} history={history} />}
              <Owed customerId={answer.customerId} atLeast={atLeast} history={history.data} />
              {history.data && <Needs events={history.data.events} />}
              <Trust customerId={answer.customerId} atLeast={atLeast} mayRead={mayRead} />
            </div>
          </>
        )}
      </Answered>
    </div>
  );
}

function Past({ loyalty, history }: { loyalty: Shapes['LoyaltyAnswer']; history: ReturnType<typeof useHistory> }) {
  const { data } = history;
  const named = useMemo<Named | null>(() => (data === undefined ? null : namedIn(data)), [data]);
  if (data === undefined || named === null) {
    return history.isError ? (
      <div className="card span-12">
        <Failed thrown={history.error} again={() => void history.refetch()} />
      </div>
    ) : (
      <div className="span-12">
        <Loading height={480} />
      </div>
    );
  }
  return <Timeline history={data} named={named} milestones={loyalty.milestones} />;
}
