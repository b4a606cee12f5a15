import { texts } from '../texts.ts';
import { Menu } from '../ui/Menu.tsx';
import { actionsOf, type Action, type Commitment } from './commitment.ts';

/** The buttons of what can be done with it. */
export function Actions({ it, act }: { it: Commitment; act: (action: Action) => void }) {
  const { shown, more } = actionsOf(it);
  const names = texts.commitments.names;
  return (
    <div className="row actions">
      {shown.map((action, index) => (
        <button
          key={action}
          type="button"
          className={`button small ${index === 0 ? 'primary' : ''}`}
          data-act={action}
          onClick={() => act(action)}
        >
          {names[action]}
          <span className="hidden-but-read">{`: ${it.customer}, ${it.what}`}</span>
        </button>
      ))}
      {more.length > 0 && (
        <Menu
          label={texts.commitments.moreFor(`${it.customer}, ${it.what}`)}
          icon="⋯"
          options={more.map((action) => [action, names[action]] as const)}
          choose={act}
        />
      )}
    </div>
  );
}
