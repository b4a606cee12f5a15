import './interval.css';

/** A share on a line from 0 to 1 with its 95 % interval; the numbers stand beside it, so it is not read out. */
export function Interval({
  rate,
  low,
  high,
  beside,
}: {
  rate: number | null;
  low: number | null;
  high: number | null;
  /** Another share to compare it with, as a thin mark. */
  beside?: number | null;
}) {
  if (rate === null || low === null || high === null) return null;
  const at = (share: number) => `${share * 100}%`;
  return (
    <span className="interval" aria-hidden="true">
      <span className="range" style={{ left: at(low), width: at(high - low) }} />
      {beside != null && <span className="beside" style={{ left: at(beside) }} />}
      <span className="point" style={{ left: at(rate) }} />
    </span>
  );
}
