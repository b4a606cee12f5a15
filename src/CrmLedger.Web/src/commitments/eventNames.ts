import { texts } from '../texts.ts';
import { formatWord } from '../ui/format.ts';

/** A stored event type for people: `promise_made` → "Promise made". */
export function nameOfEvent(type: string): string {
  const words = formatWord(type).replace(/^follow up/, 'follow-up');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Who recorded an event, for people: a key's id, a member, or the ledger's clock. */
export function whoRecorded(actor: string): string {
  return actor === 'system' ? texts.commitments.clock : actor.replace(':', ' ');
}
