import './proof.css';
import { Card } from '../ui/Card.tsx';
import { Answered } from '../ui/States.tsx';
import { texts } from '../texts.ts';
import { useCheckAgain, useLogProof } from './gather.ts';
import { Verdict } from './ProofCard.tsx';
import { StepList } from './StepList.tsx';

/** The log's last checkpoint, held against the one that this computer saw before. */
export function ProofOfLog({ title, note }: { title: string; note: string }) {
  const proof = useLogProof();
  const again = useCheckAgain();
  return (
    <Card
      title={title}
      note={note}
      aside={
        <button type="button" className="button small" disabled={proof.isFetching} onClick={() => void again()}>
          {texts.proof.again}
        </button>
      }
    >
      <Answered to={proof}>
        {(found) => (
          <div className="stack">
            <Verdict proof={found} more={texts.proof.logHolds} />
            <StepList proof={found} />
          </div>
        )}
      </Answered>
    </Card>
  );
}
