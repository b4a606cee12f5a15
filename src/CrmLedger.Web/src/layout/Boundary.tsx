import { Component, type ReactNode } from 'react';
import { texts } from '../texts.ts';

type Props = {
  /** Where the reader is; elsewhere it may work again. */
  readonly at: string;
  readonly children: ReactNode;
};

type State = { readonly failedAt: string | null };

/** Stands in for a page whose code could not be loaded, as after the server's upgrade, or that broke. */
export class Boundary extends Component<Props, State> {
  override state: State = { failedAt: null };

  static getDerivedStateFromError(): State {
    return { failedAt: '' };
  }

  static getDerivedStateFromProps({ at }: Props, { failedAt }: State): State {
    // The error itself does not know where it happened.
    return { failedAt: failedAt === '' ? at : failedAt === at ? at : null };
  }

  override render(): ReactNode {
    if (this.state.failedAt === null) return this.props.children;
    const { broken, brokenHint, reload } = texts.states;
    return (
      <div className="state" role="alert">
        <h1>{broken}</h1>
        <p>{brokenHint}</p>
        <button type="button" className="button" onClick={() => window.location.reload()}>
          {reload}
        </button>
      </div>
    );
  }
}
