import type { texts } from '../texts.ts';

/** Why something was not believed; its words stand in texts.ts. */
export type Fault = keyof typeof texts.proof.faults;

/** Something that was looked at and is not as it must be. `about` names the place where the fault alone does not. */
export class Refusal extends Error {
  readonly fault: Fault;
  readonly about: string | undefined;

  constructor(fault: Fault, about?: string) {
    super(about === undefined ? fault : `${fault}: ${about}`);
    this.name = 'Refusal';
    this.fault = fault;
    this.about = about;
  }
}

/** The browser lacks what a check needs: nothing was found, neither good nor bad. */
export class Unable extends Error {
  readonly lack: 'subtle' | 'ed25519';

  constructor(lack: 'subtle' | 'ed25519') {
    super(lack);
    this.name = 'Unable';
    this.lack = lack;
  }
}

export function demand(condition: boolean, fault: Fault, about?: string): asserts condition {
  if (!condition) throw new Refusal(fault, about);
}
