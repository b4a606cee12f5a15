import { api, type Shapes } from '../api/client.ts';
import { mayDo, type Caller } from '../session/caller.ts';
import type { Commitment } from './commitment.ts';

export type Event = Shapes['ShownEvent'];

/** The customer's stream at a moment: its version, and the promise as it stood then. */
export type Seen = { readonly version: number | null; readonly promise: Shapes['ShownPromise'] | null };

/** Reads the version that a command is to be decided on. Null for who may not read what would tell it. */
export async function readSeen(it: Commitment, caller: Caller): Promise<Seen> {
  const { customerId } = it;
  if (it.sort === 'promise') {
    const { data, error, response } = await api.GET('/v1/customers/{customerId}/promises/{promiseId}', {
      params: { path: { customerId, promiseId: it.id } },
    });
    if (data === undefined) throw error;
    return { version: versionOf(response), promise: data.promise };
  }
  if (!mayDo(caller, 'read', 'audit')) return { version: null, promise: null };
  const { data, error } = await api.GET('/v1/customers/{customerId}/history', {
    params: { path: { customerId }, query: { limit: 1 } },
  });
  if (data === undefined) throw error;
  return { version: data.streamVersion, promise: null };
}

const versionOf = (response: Response): number | null => {
  const version = /^"(\d+)"$/.exec(response.headers.get('etag') ?? '')?.[1];
  return version === undefined ? null : Number(version);
};

/** What was recorded about the customer since a version: all of it, or of the promise only for who may see no more. */
export async function readNews(it: Commitment, since: number, caller: Caller): Promise<readonly Event[]> {
  const { customerId } = it;
  if (!mayDo(caller, 'read', 'audit')) {
    const { data, error } = await api.GET('/v1/customers/{customerId}/promises/{promiseId}', {
      params: { path: { customerId, promiseId: it.id } },
    });
    if (data === undefined) throw error;
    return data.events.filter((event) => event.version > since);
  }
  const news: Event[] = [];
  for (let cursor: string | null | undefined = undefined; cursor !== null;) {
    const { data, error }: Awaited<ReturnType<typeof page>> = await page(customerId, cursor);
    if (data === undefined) throw error;
    news.push(...data.events.filter((event) => event.version > since));
    cursor = data.next ?? null;
  }
  return news;
}

const page = (customerId: string, cursor: string | undefined) =>
  api.GET('/v1/customers/{customerId}/history', {
    params: { path: { customerId }, query: { limit: 1_000, ...(cursor ? { cursor } : {}) } },
  });
