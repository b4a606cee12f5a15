import { useState } from 'react';
import { ledger } from '../api/client.ts';
import { MemberField } from '../session/MemberField.tsx';
import { useCaller } from '../session/caller.ts';
import { setMe, useMe, type Member } from '../session/me.ts';
import { texts } from '../texts.ts';
import { Field } from '../ui/Field.tsx';
import { Segments } from '../ui/Segments.tsx';
import type { Due, Kind, Whose } from './useOpen.ts';

/** The filters as they stand in the address. */
export type Asked = { whose: string; member: string; team: string; kind: string; due: string };

export const kindOf = (asked: Asked): Kind =>
  asked.kind === 'promise' || asked.kind === 'follow_up' ? asked.kind : 'all';

export const dueOf = (asked: Asked): Due => (asked.due === 'overdue' || asked.due === 'soon' ? asked.due : 'all');

/** Whose commitments the address means; null when it means the reader's and nobody knows who that is. */
export function whoseOf(asked: Asked, me: Member | null): Whose | null {
  switch (asked.whose) {
    case 'me':
      return me && { member: me.memberId };
    case 'team':
      return me && (me.team === null ? {} : { team: me.team });
    case 'other':
      return {
        ...(asked.member ? { member: asked.member } : {}),
        ...(asked.team ? { team: asked.team } : {}),
      };
    default:
      return {};
  }
}

export function Filters({ asked, change }: { asked: Asked; change: (changes: Partial<Asked>) => void }) {
  const t = texts.today;
  return (
    <div className="today-filters">
      <div className="row">
        <Segments
          label={t.whose}
          value={asked.whose}
          choose={(whose) => change({ whose, member: '', team: '' })}
          options={[
            ['me', t.mine],
            ['team', t.myTeam],
            ['all', t.all],
            ['other', t.other],
          ]}
        />
        <Segments
          label={t.kind}
          value={kindOf(asked)}
          choose={(kind) => change({ kind })}
          options={[
            ['all', t.both],
            ['promise', t.promises],
            ['follow_up', t.followUps],
          ]}
        />
        <Segments
          label={t.when}
          value={dueOf(asked)}
          choose={(due) => change({ due })}
          options={[
            ['all', t.whenever],
            ['overdue', t.groups.overdue],
            ['soon', t.soon],
          ]}
        />
      </div>
      {asked.whose === 'other' && <Somebody asked={asked} change={change} />}
      {(asked.whose === 'me' || asked.whose === 'team') && <WhoIAm />}
    </div>
  );
}

function Somebody({ asked, change }: { asked: Asked; change: (changes: Partial<Asked>) => void }) {
  const { tenant } = useCaller();
  const members = ledger.useQuery(
    'get',
    '/v1/members',
    { params: { query: { limit: 1_000 } } },
    { staleTime: 300_000 },
  );
  const all = members.data?.items ?? [];
  const named = [asked.team, ...all.map(({ member }) => member?.team ?? '')];
  const teams = [...new Set(named)].filter((team) => team !== '').sort();
  const chosen = all.find(({ memberId }) => memberId === asked.member);
  const { name = asked.member, team = null } = chosen?.member ?? {};
  const value = asked.member === '' ? null : { memberId: asked.member, name, team, tenant };
  return (
    <div className="today-somebody">
      <MemberField
        label={texts.today.member}
        value={value}
        choose={(member) => change({ member: member?.memberId ?? '' })}
      />
      <Field label={texts.today.team}>
        {(control) => (
          <select
            {...control}
            className="input"
            value={asked.team}
            onChange={(event) => change({ team: event.target.value })}
          >
            <option value="">{texts.today.anyTeam}</option>
            {teams.map((team) => (
              <option key={team}>{team}</option>
            ))}
          </select>
        )}
      </Field>
    </div>
  );
}

/** Who the reader is: asked once, and changed when another one sits here. */
function WhoIAm() {
  const me = useMe();
  const [asks, setAsks] = useState(false);
  if (me !== null && !asks) {
    return (
      <p className="row small muted">
        {texts.today.iAm(me.name)}
        <button type="button" className="button quiet small" onClick={() => setAsks(true)}>
          {texts.today.notMe}
        </button>
      </p>
    );
  }
  return (
    <div className="callout">
      <p>{texts.today.whoAreYou}</p>
      <MemberField
        label={texts.today.whoIAm}
        value={me}
        choose={(member) => {
          if (member === null) return;
          setMe(member);
          setAsks(false);
        }}
      />
    </div>
  );
}
