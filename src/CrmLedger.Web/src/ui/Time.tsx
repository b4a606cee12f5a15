import { formatDay, formatDistance, formatMoment, formatUtc } from './format.ts';

/** A time in the reader's zone, with UTC on hover. */
export function Time({ at, as = 'moment' }: { at: string; as?: 'day' | 'moment' | 'distance' }) {
  const shown = as === 'day' ? formatDay(at) : as === 'moment' ? formatMoment(at) : formatDistance(at, Date.now());
  return (
    <time dateTime={at} title={as === 'distance' ? `${formatMoment(at)} (${formatUtc(at)})` : formatUtc(at)}>
      {shown}
    </time>
  );
}
