/** What this browser knows of a log from before: the key it goes by, and the last checkpoint it saw. */
export type Known = {
  readonly key: string;
  readonly since: string;
  /** Whether the reader has given or confirmed the key, and not only the server. */
  readonly pinned: boolean;
  readonly checkpoint: {
    readonly text: string;
    /** The key that has signed it, which may have been replaced since. */
    readonly key: string;
    readonly at: string;
  } | null;
};

const nameOf = (tenant: string): string => `crmledger.log.${tenant}`;

/** Null when nothing is known; `damaged` when what stands there is nothing that this wrote. */
export function knownOf(tenant: string): Known | null | 'damaged' {
  const text = localStorage.getItem(nameOf(tenant));
  if (text === null) return null;
  try {
    const known: unknown = JSON.parse(text);
    return isKnown(known) ? known : 'damaged';
  } catch {
    return 'damaged';
  }
}

export function remember(tenant: string, known: Known): void {
  localStorage.setItem(nameOf(tenant), JSON.stringify(known));
}

/** Forgets the key and the checkpoint: the log is looked at as if for the first time. */
export function forget(tenant: string): void {
  localStorage.removeItem(nameOf(tenant));
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

function isKnown(value: unknown): value is Known {
  if (!isRecord(value)) return false;
  const { key, since, pinned, checkpoint } = value;
  return (
    typeof key === 'string' &&
    isTime(since) &&
    typeof pinned === 'boolean' &&
    (checkpoint === null ||
      (isRecord(checkpoint) &&
        typeof checkpoint['text'] === 'string' &&
        typeof checkpoint['key'] === 'string' &&
        isTime(checkpoint['at'])))
  );
}

const isTime = (value: unknown): boolean => typeof value === 'string' && !Number.isNaN(Date.parse(value));
