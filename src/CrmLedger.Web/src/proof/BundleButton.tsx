import { useRef, useState } from 'react';
import { ask, problemOf } from '../api/client.ts';
import { texts } from '../texts.ts';
import { download } from '../ui/csv.ts';
import { formatSize } from '../ui/format.ts';
import { toast } from '../ui/Toast.tsx';

const words = texts.proof;

/** Saves the evidence of a customer, and tells meanwhile how much of it has come. */
export function BundleButton({ customer }: { customer: string }) {
  const [come, setCome] = useState<number | null>(null);
  const [wrong, setWrong] = useState<string | null>(null);
  const stop = useRef(new AbortController());

  async function save() {
    stop.current = new AbortController();
    setWrong(null);
    setCome(0);
    try {
      const path = `/v1/evidence?${new URLSearchParams({ customer })}`;
      const response = await ask(new Request(path, { signal: stop.current.signal }));
      if (!response.ok) throw await response.json();
      const parts: BlobPart[] = [];
      let size = 0;
      const reader = response.body!.getReader();
      for (let part = await reader.read(); !part.done; part = await reader.read()) {
        parts.push(part.value);
        size += part.value.length;
        setCome(size);
      }
      download(`customer-${customer}.evidence`, 'text/plain;charset=utf-8', new Blob(parts));
      toast(words.bundleDone(formatSize(size)));
    } catch (thrown) {
      if (!stop.current.signal.aborted) setWrong(problemOf(thrown).detail ?? problemOf(thrown).title);
    } finally {
      setCome(null);
    }
  }

  return (
    <>
      <button type="button" className="button" disabled={come !== null} onClick={() => void save()}>
        {words.bundle}
      </button>
      {come !== null && (
        <>
          <span className="muted small" role="status">
            {words.bundleOnItsWay(formatSize(come))}
          </span>
          <button type="button" className="button quiet small" onClick={() => stop.current.abort()}>
            {words.bundleStop}
          </button>
        </>
      )}
      {wrong !== null && (
        <span className="wrong small" role="alert">
          {wrong}
        </span>
      )}
    </>
  );
}
