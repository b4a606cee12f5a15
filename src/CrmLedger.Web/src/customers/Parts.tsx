import type { Shapes } from '../api/client.ts';
import { texts } from '../texts.ts';
import { formatScore } from '../ui/format.ts';
import { isErased } from './entries.ts';

const say = texts.customers;

const looks = {
  prospect: '',
  new: 'info',
  established: '',
  loyal: 'good',
  advocate: 'good',
  at_risk: 'warn',
  lapsed: 'bad',
} as const;

export const stageName = (stage: Shapes['Stage'] | undefined): string => (stage ? say.stages[stage] : '');

export function StageBadge({ stage }: { stage: Shapes['Stage'] | undefined }) {
  return stage ? <span className={`badge ${looks[stage]}`}>{stageName(stage)}</span> : null;
}

/** What there is to fear, each with why on hover and for who hears it. */
export function Risks({ risks }: { risks: readonly Shapes['Risk'][] }) {
  return (
    <span className="risks">
      {risks.map(({ reason, explanation }) => (
        <span key={reason} className={`badge ${reason === 'silence' ? 'warn' : 'bad'}`} title={explanation}>
          {say.risks[reason]}
          <span className="hidden-but-read">{`: ${explanation}`}</span>
        </span>
      ))}
    </span>
  );
}

/** The name, or what is there in its place. */
export function Name({ of }: { of: Shapes['Named'] | undefined }) {
  if (isErased(of?.name)) return <em className="muted">{say.erasedTitle}</em>;
  return of?.name === undefined ? <em className="muted">{say.nameless}</em> : <bdi className="name">{of.name}</bdi>;
}

/** A score of 0 to 100 as a bar as long as it. */
export function Rail({ trust }: { trust: number }) {
  const look = trust < 40 ? 'bad' : trust < 60 ? 'warn' : 'good';
  return (
    <span className="rail" aria-hidden="true">
      <span className={`fill ${look}`} style={{ width: `${trust}%` }} />
    </span>
  );
}

export function TrustBar({ trust }: { trust: number }) {
  return (
    <span className="trust-bar">
      <span className="number">{formatScore(trust)}</span>
      <Rail trust={trust} />
    </span>
  );
}
