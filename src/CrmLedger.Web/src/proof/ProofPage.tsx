import './proof.css';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { ledger, problemOf } from '../api/client.ts';
import { texts } from '../texts.ts';
import { Card } from '../ui/Card.tsx';
import { formatCount, formatField, formatWord } from '../ui/format.ts';
import { usePart } from '../ui/parts.ts';
import { Answered, Empty, Failed, Loading } from '../ui/States.tsx';
import { Time } from '../ui/Time.tsx';
import { customerOf, useProof, type Proof } from './gather.ts';
import { KeyCard } from './KeyCard.tsx';
import { ProofCard } from './ProofCard.tsx';
import { Value } from './Value.tsx';

const words = texts.proof;

/** One event, and the proof that the log holds it, checked here. */
export function ProofPage() {
  const eventId = usePart('eventId');
  const proof = useProof(eventId);
  if (proof.data === undefined && proof.isError && problemOf(proof.error).status === 404) {
    return (
      <>
        <h1 className="hidden-but-read">{words.unknown}</h1>
        <Empty title={words.unknown}>
          <p>{words.unknownHint}</p>
          <Link href="/" className="button">
            {texts.states.home}
          </Link>
        </Empty>
      </>
    );
  }
  if (proof.data === undefined) {
    return (
      <>
        <h1>{words.noEvent}</h1>
        {proof.isError ? <Failed thrown={proof.error} again={() => void proof.refetch()} /> : <Loading height={420} />}
      </>
    );
  }
  const { shown } = proof.data;
  return (
    <>
      <header className="page-head">
        <div>
          <h1>{shown === null ? words.noEvent : capital(formatWord(shown.type))}</h1>
          {shown === null && <p className="lead">{words.unseen}</p>}
        </div>
      </header>
      <div className="grid">
        {shown !== null && <EventCard shown={shown} />}
        <ProofCard proof={proof.data} eventId={eventId} busy={proof.isFetching} />
        <KeyCard key={proof.data.findings.key?.text ?? ''} found={proof.data} />
      </div>
    </>
  );
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

type Shown = NonNullable<Proof['shown']>;

function EventCard({ shown }: { shown: Shown }) {
  const fields = words.fields;
  const customer = customerOf(shown);
  return (
    <Card
      title={words.event}
      aside={
        customer !== null && (
          <Link className="button small" href={`/replay/${customer}?at=${shown.version}`}>
            {words.replay}
          </Link>
        )
      }
    >
      <dl className="facts">
        <Fact name={fields.happened}>
          <Time at={shown.occurredAt} /> <Note>{words.happenedNote}</Note>
        </Fact>
        <Fact name={fields.recorded}>
          <Time at={shown.recordedAt} /> <Note>{words.recordedNote}</Note>
        </Fact>
        <Fact name={fields.actor}>{shown.actor}</Fact>
        {shown.source && <Fact name={fields.source}>{shown.source}</Fact>}
        <Fact name={fields.stream}>{shown.stream}</Fact>
        <Fact name={fields.version}>{formatCount(shown.version)}</Fact>
        <Fact name={fields.position}>{formatCount(shown.position)}</Fact>
        {shown.correlationId && <Fact name={fields.correlation}>{shown.correlationId}</Fact>}
        {shown.causationId && <Fact name={fields.causation}>{shown.causationId}</Fact>}
        {shown.importId && <Fact name={fields.importId}>{shown.importId}</Fact>}
        {Object.entries(shown.extensions ?? {}).map(([name, value]) => (
          <Fact key={name} name={name}>
            {value}
          </Fact>
        ))}
        <Fact name={fields.id}>{shown.id}</Fact>
        {customer !== null && <Counts customer={customer} shown={shown} />}
      </dl>
      <h3 className="says">{fields.says}</h3>
      <dl className="facts">
        {Object.entries(shown.data).map(([name, value]) => (
          <Fact key={name} name={formatField(name)}>
            <Value value={value} />
          </Fact>
        ))}
      </dl>
    </Card>
  );
}

/** Whether it was annulled, which the event itself cannot say. */
function Counts({ customer, shown }: { customer: string; shown: Shown }) {
  const replayed = ledger.useQuery('get', '/v1/customers/{customerId}/replay', {
    params: { path: { customerId: customer }, query: { version: shown.version, limit: 1 } },
  });
  return (
    <Fact name={words.fields.counts}>
      <Answered to={replayed} height={24}>
        {(page) => {
          const by = page.steps.find((step) => step.event.id === shown.id)?.event.annulled;
          if (!by) return <span>{words.counts}</span>;
          return (
            <span className="annulment">
              <span className="badge bad">{words.annulled(by.by)}</span> <Time at={by.at} />: {by.reason}{' '}
              <Link href={`/events/${by.eventId}`}>{words.annulment}</Link>
            </span>
          );
        }}
      </Answered>
    </Fact>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Note({ children }: { children: ReactNode }) {
  return <span className="muted small">{children}</span>;
}
