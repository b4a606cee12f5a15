import { formatMoment } from '../ui/format.ts';
import { Time } from '../ui/Time.tsx';

const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

/** A field's value as people read it: times in their zone, lists and objects in one line. */
export function Value({
  value,
  named = {},
}: {
  value: unknown;
  /** Names that stand for ids. */
  named?: Readonly<Record<string, string>>;
}) {
  if (value === undefined || value === null) return <span className="muted">–</span>;
  if (typeof value === 'string') return time.test(value) ? <Time at={value} /> : <>{named[value] ?? value}</>;
  if (Array.isArray(value)) {
    return value.length === 0 ? <span className="muted">–</span> : <>{value.map(inLine).join(', ')}</>;
  }
  return <>{inLine(value)}</>;
}

function inLine(value: unknown): string {
  if (typeof value === 'string' && time.test(value)) return formatMoment(value);
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) return `[${value.map(inLine).join(', ')}]`;
  return (
    Object.entries(value)
      .map(([name, inner]) => `${name} ${inLine(inner)}`)
      .join(', ') || '–'
  );
}
