import { texts } from '../texts.ts';
import { formatCount, formatMoment } from '../ui/format.ts';
import { type Bytes, toHex } from './bytes.ts';
import { checkpointOf } from './checkpoint.ts';
import type { LogProof, Proof } from './gather.ts';
import type { Step } from './steps.ts';

const words = texts.proof;
const beginning = (hash: Bytes): string => `${toHex(hash).slice(0, 16)}…`;
const marks = { holds: 'M5 12.5l4.5 4.5L19 7', refused: 'M6 6l12 12M18 6L6 18', unseen: 'M6 12h12', open: 'M6 12h12' };

/** The steps in their order, each with its mark and with what was computed, or what was wrong. */
export function StepList({ proof }: { proof: Proof | LogProof }) {
  return (
    <ol className="steps">
      {proof.findings.steps.map((step) => (
        <li key={step.name} className={step.state} data-step={step.name} data-state={step.state}>
          <svg
            viewBox="0 0 24 24"
            fill="none"
            stroke="currentColor"
            strokeWidth="2.4"
            strokeLinecap="round"
            strokeLinejoin="round"
            aria-hidden="true"
          >
            <path d={marks[step.state]} />
          </svg>
          <div>
            <h3>
              {words.steps[step.name]} <span className="state-word">{words.states[step.state]}</span>
            </h3>
            <p>{sentenceOf(step, proof)}</p>
          </div>
        </li>
      ))}
    </ol>
  );
}

function sentenceOf(step: Step, proof: Proof | LogProof): string {
  if (step.state === 'refused') return words.faults[step.fault] + (step.about === undefined ? '' : ` (${step.about})`);
  if (step.state === 'open') return words.facts.open;
  if (step.state === 'unseen' && step.why !== 'notYours') return words.facts[step.why];
  return 'receipt' in proof ? factOfEvent(step, proof) : factOfLog(step, proof);
}

function factOfEvent(step: Step, proof: Proof): string {
  const { entry, entryHash, leaf, climbed, receipt, checkpoint } = proof.findings;
  switch (step.name) {
    case 'entry':
      if (step.state === 'unseen') return words.facts.unhashed(entryHash === null ? '–' : beginning(entryHash));
      return (
        (entry!.sealed.length > 0 ? `${words.facts.sealed(entry!.sealed.join(', '))} ` : '') +
        words.facts.entry(beginning(entryHash!))
      );
    case 'leaf':
      return words.facts.leaf(beginning(leaf!));
    case 'path':
      return words.facts.path(
        formatCount(climbed!.length),
        formatCount(Number(receipt!.index)),
        formatCount(Number(checkpoint!.size)),
      );
    case 'root':
      return words.facts.root(beginning(climbed!.at(-1)?.node ?? leaf!));
    default:
      return factOfLog(step, proof);
  }
}

function factOfLog(step: Step, { findings, before }: LogProof): string {
  const { key, checkpoint } = findings;
  const known = before === 'damaged' ? null : before;
  switch (step.name) {
    case 'checkpoint':
      return words.facts.checkpoint(
        checkpoint!.origin,
        formatCount(Number(checkpoint!.size)),
        beginning(checkpoint!.root),
      );
    case 'key':
      if (known === null) return words.facts.keyFirst(key!.id);
      return known.pinned ? words.facts.keyPinned(key!.id) : words.facts.keySeen(key!.id, formatMoment(known.since));
    case 'signature':
      return words.facts.signature(key!.id);
    default: {
      const seen = known?.checkpoint ?? null;
      if (seen === null) return words.facts.growthFirst;
      const { size } = checkpointOf(seen.text);
      return (size === checkpoint!.size ? words.facts.same : words.facts.growth)(
        formatCount(Number(size)),
        formatMoment(seen.at),
      );
    }
  }
}
