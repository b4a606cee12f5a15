import { useQuery, useQueryClient } from '@tanstack/react-query';
import { api, ask, type Problem, type Shapes } from '../api/client.ts';
import { type Caller, mayDo, useCaller } from '../session/caller.ts';
import type { Bytes } from './bytes.ts';
import { checkEvent, checkLog, type Findings, type LogFindings, type LogMaterial } from './check.ts';
import { findEntry } from './entry.ts';
import { type Known, knownOf, remember } from './known.ts';
import { readReceipt } from './receipt.ts';
import { Refusal } from './refusal.ts';
import { tilePath } from './tiles.ts';

/** What was found out about an event, and what was known of its log before. */
export type Proof = {
  readonly shown: Shapes['ShownEvent'] | null;
  readonly receipt: Bytes;
  readonly findings: Findings;
  readonly before: Known | null | 'damaged';
  readonly at: string;
};

export type LogProof = Pick<Proof, 'before' | 'at'> & { readonly findings: LogFindings };

const proofs = 'proof';
const anew = { staleTime: 0, gcTime: 0, refetchOnWindowFocus: false } as const;

/** Proves an event, anew whenever somebody looks at it. */
export function useProof(eventId: string) {
  const caller = useCaller();
  return useQuery({ queryKey: [proofs, caller.tenant, eventId], queryFn: () => prove(caller, eventId), ...anew });
}

/** Holds the log against what this computer saw of it before. */
export function useLogProof() {
  const { tenant } = useCaller();
  return useQuery({ queryKey: [proofs, tenant], queryFn: () => proveLog(tenant), ...anew });
}

/** Checks again all that is on the page. */
export function useCheckAgain(): () => Promise<void> {
  const answers = useQueryClient();
  return () => answers.invalidateQueries({ queryKey: [proofs] });
}

async function prove(caller: Caller, eventId: string): Promise<Proof> {
  const { tenant } = caller;
  const now = new Date().toISOString();
  const before = knownOf(tenant); // before anything is asked: what comes later cannot be older than that
  const [receipt, shown] = await Promise.all([
    required(`/v1/events/${encodeURIComponent(eventId)}/receipt?format=tlog-proof`),
    mayDo(caller, 'read', 'audit') ? readEvent(eventId) : null,
  ]);
  const entry =
    shown !== null && mayDo(caller, 'audit')
      ? { line: await readEntryOf(shown) }
      : { hashes: await readHashes(tenant, shown?.position ?? indexOf(receipt)) };
  const findings = await checkEvent({ ...(await aboutLog(tenant, before, now)), receipt, shown, entry });
  if (findings.next !== null) remember(tenant, findings.next);
  return { shown, receipt, findings, before, at: now };
}

async function proveLog(tenant: string): Promise<LogProof> {
  const now = new Date().toISOString();
  const before = knownOf(tenant);
  const checkpoint = await required(`/log/${tenant}/checkpoint`);
  const findings = await checkLog({ ...(await aboutLog(tenant, before, now)), checkpoint });
  if (findings.next !== null) remember(tenant, findings.next);
  return { findings, before, at: now };
}

async function aboutLog(tenant: string, known: Known | null | 'damaged', now: string): Promise<LogMaterial> {
  return {
    tenant,
    known,
    now,
    keys: await required(`/log/${tenant}/key`),
    readTile: async (path) => {
      const tile = await bytesOf(`/log/${tenant}/${path}`);
      if (tile === null) throw new Refusal('tileForm');
      return tile;
    },
  };
}

async function readEvent(eventId: string): Promise<Shapes['ShownEvent']> {
  const { data, error } = await api.GET('/v1/events/{eventId}', { params: { path: { eventId } } });
  if (data === undefined) throw error;
  return data;
}

/** The entry as it was hashed, out of the smallest bundle of evidence that is sure to hold it. */
async function readEntryOf(shown: Shapes['ShownEvent']): Promise<Bytes | null> {
  const response = await answerTo(`/v1/evidence?${bundleFor(shown)}`);
  if (response === null || response.body === null) return null;
  return findEntry(response.body as ReadableStream<Bytes>, shown.position);
}

function bundleFor(shown: Shapes['ShownEvent']): URLSearchParams {
  const customer = customerOf(shown);
  const promise: unknown = (shown.data as Record<string, unknown>)['promiseId'];
  if (customer !== null && shown.type.startsWith('promise_') && typeof promise === 'string') {
    return new URLSearchParams({ customer, promise });
  }
  if (customer !== null) return new URLSearchParams({ customer });
  return new URLSearchParams({ from: shown.recordedAt, to: microsecondAfter(shown.recordedAt) });
}

/** The customer whose stream an event is of, or null. */
export const customerOf = (shown: Shapes['ShownEvent']): string | null =>
  shown.stream.startsWith('customer-') ? shown.stream.slice('customer-'.length) : null;

/** Times are whole microseconds, which are finer than the browser's. */
export function microsecondAfter(time: string): string {
  const next = BigInt(Date.parse(`${time.slice(0, 19)}Z`)) * 1_000n + BigInt(time.slice(20, 26)) + 1n;
  const seconds = new Date(Number(next / 1_000_000n) * 1_000).toISOString().slice(0, 19);
  return `${seconds}.${(next % 1_000_000n).toString().padStart(6, '0')}Z`;
}

/** The hashes of the entries up to one of them, out of its tile, which the log gives to anybody. */
async function readHashes(tenant: string, index: number | null): Promise<Bytes | null> {
  if (index === null) return null;
  return bytesOf(`/log/${tenant}/${tilePath('entries', BigInt(Math.floor(index / 256)), BigInt((index % 256) + 1))}`);
}

function indexOf(receipt: Bytes): number | null {
  try {
    const { index } = readReceipt(receipt);
    return index <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(index) : null;
  } catch {
    return null;
  }
}

async function required(path: string): Promise<Bytes> {
  const bytes = await bytesOf(path);
  if (bytes === null) throw { type: 'not_found', title: path, status: 404 } satisfies Problem;
  return bytes;
}

async function bytesOf(path: string): Promise<Bytes | null> {
  const response = await answerTo(path);
  return response === null ? null : new Uint8Array(await response.arrayBuffer());
}

/** What is answered; null where there is no such thing. A refusal is thrown. */
async function answerTo(path: string): Promise<Response | null> {
  const response = await ask(new Request(path, { cache: 'no-cache' }));
  if (response.ok) return response;
  if (response.status === 404 && !path.startsWith('/v1/events')) return null;
  throw (await response.json()) as Problem;
}
