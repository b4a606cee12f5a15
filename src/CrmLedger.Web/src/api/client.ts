import { QueryClient } from '@tanstack/react-query';
import createFetchClient, { type Middleware } from 'openapi-fetch';
import createQueryClient from 'openapi-react-query';
import { currentKey, forgetKey } from '../session/key.ts';
import type { components, paths } from './schema.d.ts';

/** Shapes of the API by their names in its OpenAPI document. */
export type Shapes = components['schemas'];

/** An RFC 9457 problem, as the ledger answers whatever it refuses; `status` 0 when nothing answered at all. */
export type Problem = {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail?: string;
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[];
};

const unreachable: Problem = { type: 'unreachable', title: 'The ledger does not answer', status: 0 };

const isProblem = (value: unknown): value is Problem =>
  typeof value === 'object' && value !== null && 'title' in value && 'status' in value;

/** What went wrong, whatever was thrown. */
export const problemOf = (thrown: unknown): Problem => (isProblem(thrown) ? thrown : unreachable);

/**
 * Asks with the session's key, also for what is no operation of the API. Without an answer, or with one that is no
 * JSON, it throws the problem.
 */
export async function ask(request: Request): Promise<Response> {
  const key = currentKey();
  if (key !== null && !request.headers.has('authorization')) request.headers.set('authorization', `Bearer ${key}`);
  let response: Response;
  try {
    response = await fetch(request);
  } catch {
    throw unreachable;
  }
  if (!response.ok && !/json/.test(response.headers.get('content-type') ?? '')) {
    throw { ...unreachable, status: response.status, title: response.statusText || unreachable.title };
  }
  return response;
}

const signsOut: Middleware = {
  onResponse({ request, response }) {
    // A key that was revoked while somebody worked with it: he is asked for another one, and comes back to where he
    // was.
    if (response.status === 401 && request.headers.get('authorization') === `Bearer ${currentKey()}`)
      forgetKey('refused');
  },
};

/** The typed API, for commands and for questions outside of components. Tables in CSV are saveCsv's. */
export const api = createFetchClient<paths, 'application/json'>({ baseUrl: window.location.origin, fetch: ask });
api.use(signsOut);

/** The typed API as hooks: `ledger.useQuery('get', '/v1/kept-rate', { params: { query } })`. */
export const ledger = createQueryClient(api);

/** What was asked, kept for as long as it may be shown again at once while it is asked anew. */
export const answers = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      // A refusal is an answer; only silence is asked again, for as long as the page is open.
      retry: (_, thrown) => problemOf(thrown).status === 0 || problemOf(thrown).status === 503,
      retryDelay: (attempt) => Math.min(1_000 * 2 ** attempt, 5_000),
      networkMode: 'always',
    },
    mutations: { networkMode: 'always' },
  },
});
