import { memo, useDeferredValue, useState } from 'react';
import { ActDialog } from '../commitments/ActDialog.tsx';
import { ends, type Action } from '../commitments/commitment.ts';
import type { Answer } from '../commitments/steps.ts';
import { saveCsv } from '../api/saveCsv.ts';
import { mayDo, useCaller } from '../session/caller.ts';
import { useMe } from '../session/me.ts';
import { texts } from '../texts.ts';
import { Empty } from '../ui/States.tsx';
import { toast } from '../ui/Toast.tsx';
import { useAddress } from '../ui/address.ts';
import { dueOf, Filters, kindOf, whoseOf, type Asked } from './Filters.tsx';
import { commitmentOf } from './ItemRow.tsx';
import { countOf, OpenList } from './OpenList.tsx';
import type { Group } from './groups.ts';
import { dayOf, keyOf, sortOf, useOpen, useRecorded, type Due, type Item, type Kind, type Whose } from './useOpen.ts';
import './today.css';

/** What is owed to customers, by the day it is due, and everything that can be done about it in place. */
export function Today() {
  const me = useMe();
  const [asked, change] = useAddress<Asked>({
    whose: me === null ? 'all' : 'me',
    member: '',
    team: '',
    kind: 'all',
    due: 'all',
  });
  // A press shows at once; the long list that follows from it is drawn after that has been painted.
  const later = useDeferredValue(asked);
  const whose = whoseOf(asked, me);
  const mayAct = mayDo(useCaller(), 'append');
  return (
    <>
      <div className="page-head">
        <div>
          <h1 tabIndex={-1}>{texts.today.title}</h1>
          <p className="lead">{mayAct ? texts.today.lead : `${texts.today.lead} ${texts.today.look}`}</p>
        </div>
        {whose && (
          <button
            type="button"
            className="button quiet small"
            onClick={() =>
              void saveCsv(
                '/v1/commitments/open',
                { ...whose, ...sortOf(kindOf(asked)), ...dayOf(dueOf(asked)) },
                'open-commitments',
              )
            }
          >
            {texts.table.csv}
          </button>
        )}
      </div>
      <Filters asked={asked} change={change} />
      <div aria-busy={later !== asked}>
        <Owed asked={later} change={change} mayAct={mayAct} />
      </div>
    </>
  );
}

const everything = { whose: 'all', member: '', team: '', kind: 'all', due: 'all' } as const satisfies Asked;

const Owed = memo(function Owed({
  asked,
  change,
  mayAct,
}: {
  asked: Asked;
  change: (changes: Partial<Asked>) => void;
  mayAct: boolean;
}) {
  const whose = whoseOf(asked, useMe());
  if (whose === null) return null;
  const isAll = asked.whose === 'all' && kindOf(asked) === 'all' && dueOf(asked) === 'all';
  return (
    <Listed
      whose={whose}
      kind={kindOf(asked)}
      due={dueOf(asked)}
      mayAct={mayAct}
      showAll={isAll ? null : () => change(everything)}
    />
  );
});

/** What is owed to these, and what is being done about one of it. */
function Listed({
  whose,
  kind,
  due,
  mayAct,
  showAll,
}: {
  whose: Whose;
  kind: Kind;
  due: Due;
  mayAct: boolean;
  showAll: (() => void) | null;
}) {
  const all = useOpen(whose, kind, due);
  const recorded = useRecorded();
  const [goTo, setGoTo] = useState<{ group: Group } | null>(null);
  const [focus, setFocus] = useState<{ key: string } | null>(null);
  const [doing, setDoing] = useState<{ item: Item; action: Action } | null>(null);
  const act = (item: Item, action: Action) => setDoing({ item, action });

  function done(answer: Answer) {
    const { item, action } = doing!;
    const items = all.flatMap((open) => open.items);
    const at = items.findIndex((other) => keyOf(other) === keyOf(item));
    const next = items[at + 1] ?? items[at - 1];
    setDoing(null);
    recorded(item, ends(action), answer.position);
    toast(texts.commitments.doneFor(texts.commitments.done[action], commitmentOf(item).customer));
    setFocus({ key: next === undefined ? '' : keyOf(next) });
  }

  const empty = all.every((open) => open.items.length === 0 && open.more === null && !open.loading && !open.failed);
  return (
    <div aria-busy={all.some((open) => open.old)}>
      <Jumps all={all} go={(group) => setGoTo({ group })} />
      {empty ? (
        <div className="card">
          <Empty title={showAll === null ? texts.today.nothing : texts.today.nothingHere}>
            {showAll && (
              <button type="button" className="button" onClick={showAll}>
                {texts.today.showAll}
              </button>
            )}
          </Empty>
        </div>
      ) : (
        <OpenList all={all} act={mayAct ? act : null} goTo={goTo} focus={focus} />
      )}
      {doing && (
        <ActDialog action={doing.action} it={commitmentOf(doing.item)} close={() => setDoing(null)} done={done} />
      )}
    </div>
  );
}

/** How many there are of each day, and the way there. */
function Jumps({ all, go }: { all: ReturnType<typeof useOpen>; go: (group: Group) => void }) {
  return (
    <div className="jumps" role="group" aria-label={texts.today.jump}>
      {all.map((open) => (
        <button
          key={open.group}
          type="button"
          disabled={open.items.length === 0}
          className={`jump ${open.group}`}
          onClick={() => go(open.group)}
        >
          <span className="number">{open.loading ? '…' : countOf(open)}</span>
          <span className="small">{texts.today.groups[open.group]}</span>
        </button>
      ))}
    </div>
  );
}
