import './replay.css';
import { Link } from 'wouter';
import { ProofOfLog } from '../proof/ProofOfLog.tsx';
import { mayDo, useCaller } from '../session/caller.ts';
import { texts } from '../texts.ts';
import { formatCount, formatMoment } from '../ui/format.ts';
import { usePart } from '../ui/parts.ts';
import { Answered, Empty } from '../ui/States.tsx';
import { BundleButton } from '../proof/BundleButton.tsx';
import { ChooseCustomer } from './ChooseCustomer.tsx';
import { ConsistencyCheck } from './ConsistencyCheck.tsx';
import { useHistory } from './questions.ts';
import { Story } from './Story.tsx';
import { WholeLedger } from './WholeLedger.tsx';

const words = texts.replay;

/** A customer's past, what moved in the whole ledger, and whether views and log are what they should be. */
export function Replay() {
  const customerId = usePart('customerId');
  const caller = useCaller();
  return (
    <>
      {customerId === '' ? <Beginning /> : <OneCustomer customerId={customerId} />}
      <div className="grid replay-rest">
        {mayDo(caller, 'lead', 'audit') && <WholeLedger />}
        {mayDo(caller, 'audit') && <ConsistencyCheck />}
        <ProofOfLog title={words.log} note={words.logNote} />
      </div>
    </>
  );
}

function Beginning() {
  return (
    <>
      <header className="page-head">
        <div>
          <h1>{words.title}</h1>
          <p className="lead">{words.lead}</p>
        </div>
      </header>
      <ChooseCustomer />
    </>
  );
}

function OneCustomer({ customerId }: { customerId: string }) {
  const history = useHistory(customerId);
  const caller = useCaller();
  const page = history.data?.page;
  const name = page?.customer?.name ?? page?.customer?.reference;
  return (
    <>
      <header className="page-head">
        <div>
          <h1>{name === undefined ? words.title : `${words.title}: ${name}`}</h1>
          {page && (
            <p className="lead">
              {words.knownAt(formatCount(history.data!.events.length), formatMoment(page.asOf))}
              {page.customer?.reference && ` · ${page.customer.reference}`}
            </p>
          )}
        </div>
        <div className="row">
          <Link className="button" href="/replay">
            {words.other}
          </Link>
          {page && mayDo(caller, 'audit') && <BundleButton customer={page.customerId} />}
        </div>
      </header>
      <Answered
        to={history}
        height={320}
        empty={({ events }) => (events.length === 0 ? <Empty title={words.empty} /> : null)}
      >
        {({ page: known, events }) => <Story customerId={known.customerId} events={events} members={known.members} />}
      </Answered>
    </>
  );
}
