import type { Shapes } from '../api/client.ts';

export const channels: readonly Shapes['RecordTouchpoint']['channel'][] = [
  'phone',
  'email',
  'chat',
  'meeting',
  'visit',
  'letter',
  'social',
  'web',
  'other',
];

export const tones = ['very_negative', 'negative', 'neutral', 'positive', 'very_positive'] as const;

export const purposes: readonly Shapes['ScheduleFollowUp']['purpose'][] = [
  'reassure',
  'check_satisfaction',
  'answer',
  'deliver_news',
  'other',
];

export const feedbackKinds = ['csat', 'nps', 'ces', 'comment'] as const;

/** The scores that each kind of feedback takes; a comment takes none. */
export const scales = { csat: [1, 5], nps: [0, 10], ces: [1, 7], comment: null } as const;
