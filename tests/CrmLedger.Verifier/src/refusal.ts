/** Why something is refused. The names from NotSigned on are those of the C# ProofFault. */
export type Fault =
  | 'BadRequest'
  | 'Malformed'
  | 'NotSigned'
  | 'WrongSignature'
  | 'OtherLog'
  | 'TooFewWitnesses'
  | 'OutsideTree'
  | 'WrongPath'
  | 'OlderThanKnown'
  | 'Fork'
  | 'NotConsistent';

/** Thrown for everything that does not verify; any other error is a mistake of this program. */
export class Refusal extends Error {
  readonly fault: Fault;

  constructor(fault: Fault, detail: string) {
    super(detail);
    this.fault = fault;
  }
}

/** Refuses as malformed unless the condition holds. */
export function wellFormed(condition: boolean, detail: string): asserts condition {
  if (!condition) throw new Refusal('Malformed', detail);
}
