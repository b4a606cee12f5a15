import { useState } from 'react';
import { mayDo, useCaller } from '../session/caller.ts';
import { texts } from '../texts.ts';
import { Card } from '../ui/Card.tsx';
import { download } from '../ui/csv.ts';
import { BundleButton } from './BundleButton.tsx';
import { customerOf, useCheckAgain, type LogProof, type Proof } from './gather.ts';
import { PathPicture } from './PathPicture.tsx';
import { StepList } from './StepList.tsx';
import { verdictOf } from './steps.ts';
import { writeNote } from './note.ts';

const words = texts.proof;

/** What was checked, step by step, with the picture of the path and the files to keep. */
export function ProofCard({ proof, eventId, busy }: { proof: Proof; eventId: string; busy: boolean }) {
  const { findings, receipt, shown } = proof;
  const caller = useCaller();
  const again = useCheckAgain();
  const customer = shown === null ? null : customerOf(shown);
  return (
    <Card
      title={words.title}
      note={words.note}
      aside={
        <button type="button" className="button small" disabled={busy} onClick={() => void again()}>
          {busy ? words.checking : words.again}
        </button>
      }
    >
      <div className="stack">
        <Verdict proof={proof} />
        <div className="proof">
          <StepList proof={proof} />
          {findings.climbed !== null && findings.leaf !== null && (
            <PathPicture leaf={findings.leaf} climbed={findings.climbed} />
          )}
        </div>
        <div className="row">
          <button
            type="button"
            className="button"
            onClick={() => download(`${eventId}.tlog-proof`, 'text/plain', receipt)}
          >
            {words.receipt}
          </button>
          {customer !== null && mayDo(caller, 'audit') && <BundleButton customer={customer} />}
        </div>
      </div>
    </Card>
  );
}

/** The outcome in one sentence, and what to do when it is a bad one. */
export function Verdict({
  proof,
  more = words.verdictMore.holds,
}: {
  proof: LogProof;
  /** What it means that everything holds. */
  more?: string;
}) {
  const { steps } = proof.findings;
  const verdict = verdictOf(steps);
  const growth = steps.find((step) => step.name === 'growth');
  const history = growth?.state === 'refused' ? growth.fault : null;
  const tone = verdict === 'holds' ? 'good' : verdict === 'refused' ? 'bad' : 'warn';
  return (
    <div className={`callout ${tone}`} role={verdict === 'refused' ? 'alert' : 'status'}>
      <strong>{words.verdict[verdict]}</strong>
      {history !== null && <strong className="shout">{words.faults[history]}</strong>}
      <span>{verdict !== 'holds' ? words.verdictMore[verdict] : proof.before === null ? words.firstHolds : more}</span>
      {history !== null && <KeepBoth proof={proof} />}
    </div>
  );
}

/** Two checkpoints that contradict each other are evidence against the log. */
function KeepBoth({ proof }: { proof: LogProof }) {
  const [kept, setKept] = useState(false);
  const { before, findings } = proof;
  const older = before !== null && before !== 'damaged' ? before.checkpoint?.text : undefined;
  if (older === undefined || findings.checkpoint === null) return null;
  const both = `${older}\n${writeNote(findings.checkpoint.note)}`;
  return (
    <span className="row">
      <button
        type="button"
        className="button small"
        onClick={() => {
          download('two-checkpoints.txt', 'text/plain;charset=utf-8', both);
          setKept(true);
        }}
      >
        {words.keep}
      </button>
      {kept && <span className="small">{words.keepNote}</span>}
    </span>
  );
}
