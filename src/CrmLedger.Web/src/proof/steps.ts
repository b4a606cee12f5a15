import { type Fault, Refusal, Unable } from './refusal.ts';

/** What is checked, in the order in which it is shown. */
export type StepName = 'entry' | 'leaf' | 'path' | 'root' | 'checkpoint' | 'key' | 'signature' | 'growth';

/**
 * `holds`: computed here and true. `refused`: computed here and not so. `unseen`: not computed, for a reason that is
 * told. `open`: it rests on a step that was refused.
 */
export type Step = { readonly name: StepName } & (
  | { readonly state: 'holds' }
  | { readonly state: 'refused'; readonly fault: Fault; readonly about?: string | undefined }
  | { readonly state: 'unseen'; readonly why: Why }
  | { readonly state: 'open' }
);

/** Why a step was not computed. */
export type Why = 'notYours' | 'subtle' | 'ed25519';

/** Says, from inside of a step, that it is not computed. */
export class Unseen extends Error {
  readonly why: Why;

  constructor(why: Why) {
    super(why);
    this.why = why;
  }
}

/** Says, from inside of a step, that it rests on what was refused. */
export class Rests extends Error {}

/** Steps as they are taken: each is taken if what it needs is there, and none throws what it found. */
export class Steps {
  readonly taken: Step[] = [];

  async take<T>(name: StepName, needs: readonly unknown[], look: () => T | Promise<T>): Promise<T | null> {
    if (needs.some((need) => need === null)) {
      this.taken.push({ name, state: 'open' });
      return null;
    }
    try {
      const found = await look();
      this.taken.push({ name, state: 'holds' });
      return found;
    } catch (thrown) {
      if (thrown instanceof Refusal) {
        this.taken.push({ name, state: 'refused', fault: thrown.fault, about: thrown.about });
      } else if (thrown instanceof Unable) {
        this.taken.push({ name, state: 'unseen', why: thrown.lack });
      } else if (thrown instanceof Unseen) {
        this.taken.push({ name, state: 'unseen', why: thrown.why });
      } else if (thrown instanceof Rests) {
        this.taken.push({ name, state: 'open' });
      } else {
        throw thrown;
      }
      return null;
    }
  }

  holds(name: StepName): boolean {
    return this.taken.some((step) => step.name === name && step.state === 'holds');
  }
}

/** In one word: everything that could be checked holds, something was refused, or something could not be checked. */
export function verdictOf(steps: readonly Step[]): 'holds' | 'refused' | 'unable' {
  if (steps.some((step) => step.state === 'refused')) return 'refused';
  return steps.some((step) => step.state === 'open' || (step.state === 'unseen' && step.why !== 'notYours'))
    ? 'unable'
    : 'holds';
}
