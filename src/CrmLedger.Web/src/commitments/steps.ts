import { api, type Problem, type Shapes } from '../api/client.ts';
import type { Action, Cause, Commitment, Draft } from './commitment.ts';

export type Answer = Shapes['CommandAnswer'];

/** The headers of a command: the version that it was decided on, and what makes a repetition safe. */
export type Header = { readonly 'If-Match'?: string; readonly 'Idempotency-Key': string };

type Reply = { data?: Answer; error?: unknown; response: Response };

/** One command; an action is one, or two that follow each other. */
export type Step = { readonly body: object; readonly send: (header: Header) => Promise<Reply> };

const utc = (local: string): string => new Date(local).toISOString();
const when = (draft: Draft) => (draft.at === '' ? {} : { occurredAt: utc(draft.at) });
const step = <Body extends object>(body: Body, send: (header: Header, body: Body) => Promise<Reply>): Step => ({
  body,
  send: (header) => send(header, body),
});

function promiseSteps(action: Action, it: Commitment, draft: Draft): readonly Step[] {
  const path = { customerId: it.customerId, promiseId: it.id };
  const at = '/v1/customers/{customerId}/promises/{promiseId}';
  const reason = draft.reason.trim();
  switch (action) {
    case 'kept':
      return [step(when(draft), (header, body) => api.POST(`${at}/declare-kept`, { params: { path, header }, body }))];
    case 'newDate': {
      const propose = step({ newDueAt: utc(draft.due), reason }, (header, body) =>
        api.POST(`${at}/propose-new-date`, { params: { path, header }, body }),
      );
      return draft.agreed ? [propose, ...promiseSteps('agreed', it, { ...draft, at: '' })] : [propose];
    }
    case 'agreed':
      return [
        step(when(draft), (header, body) => api.POST(`${at}/accept-new-date`, { params: { path, header }, body })),
      ];
    case 'refused':
      return [
        step(when(draft), (header, body) => api.POST(`${at}/refuse-new-date`, { params: { path, header }, body })),
      ];
    case 'explain': {
      const note = draft.note.trim();
      return [
        step({ cause: draft.cause as Cause, ...(note ? { note } : {}) }, (header, body) =>
          api.POST(`${at}/explain-miss`, { params: { path, header }, body }),
        ),
      ];
    }
    case 'withdraw':
      return [step({ reason }, (header, body) => api.POST(`${at}/withdraw`, { params: { path, header }, body }))];
    case 'release':
      return [step(when(draft), (header, body) => api.POST(`${at}/release`, { params: { path, header }, body }))];
    case 'reassign':
      return [
        step({ toMemberId: draft.to?.memberId ?? '', reason }, (header, body) =>
          api.POST(`${at}/reassign`, { params: { path, header }, body }),
        ),
      ];
    default:
      return [];
  }
}

function followUpSteps(action: Action, it: Commitment, draft: Draft): readonly Step[] {
  const path = { customerId: it.customerId, followUpId: it.id };
  const at = '/v1/customers/{customerId}/follow-ups/{followUpId}';
  const reason = draft.reason.trim();
  switch (action) {
    case 'complete':
      return [step(when(draft), (header, body) => api.POST(`${at}/complete`, { params: { path, header }, body }))];
    case 'reschedule':
      return [
        step({ newDueAt: utc(draft.due), reason, agreedWithCustomer: draft.agreed }, (header, body) =>
          api.POST(`${at}/reschedule`, { params: { path, header }, body }),
        ),
      ];
    case 'cancel':
      return [step({ reason }, (header, body) => api.POST(`${at}/cancel`, { params: { path, header }, body }))];
    case 'reassign':
      return [
        step({ toMemberId: draft.to?.memberId ?? '', reason }, (header, body) =>
          api.POST(`${at}/reassign`, { params: { path, header }, body }),
        ),
      ];
    default:
      return [];
  }
}

/** The commands that an action is, in their order. */
export const stepsOf = (action: Action, it: Commitment, draft: Draft): readonly Step[] =>
  it.sort === 'promise' ? promiseSteps(action, it, draft) : followUpSteps(action, it, draft);

/** Sends one, and throws the ledger's refusal. */
export async function sendStep(step: Step, header: Header): Promise<Answer> {
  const { data, error } = await step.send(header);
  if (data === undefined) throw error as Problem;
  return data;
}
