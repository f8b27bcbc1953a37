// How far a meeting is prepared: four steps, each with what is still to do. Pure.

import { spareMinutes } from '../../../lib/agenda';

export type StepTone = 'done' | 'act' | 'wait' | 'later';

export interface Step {
  step: 'agenda' | 'papers' | 'invitations' | 'answers';
  tone: StepTone;
  /** Part that is reached, 0 to 1, for the bar above the words. */
  part: number;
  /** Key of the sentence below the step's name, with its numbers. */
  key: string;
  values: Record<string, number>;
}

/** What the steps are computed from. */
export interface Prepared {
  state: string;
  starts_at: string;
  ends_at: string;
  items: readonly { id: string; minutes: number; papers: readonly unknown[] }[];
  invitations: readonly { sent_at?: string | null; answer: string }[];
}

/** The steps in the order in which the page shows them. */
export function readiness(meeting: Prepared): Step[] {
  return [agendaStep(meeting), papersStep(meeting), invitationsStep(meeting), answersStep(meeting)];
}

function agendaStep({ items, starts_at, ends_at }: Prepared): Step {
  if (items.length === 0) return { step: 'agenda', tone: 'act', part: 0, key: 'agenda.none', values: {} };
  const spare = spareMinutes(starts_at, ends_at, items);
  const values = { n: items.length, minutes: Math.abs(spare) };
  if (spare < 0) return { step: 'agenda', tone: 'act', part: 1, key: 'agenda.over', values };
  return { step: 'agenda', tone: 'done', part: 1, key: spare === 0 ? 'agenda.fits' : 'agenda.spare', values };
}

function papersStep({ items }: Prepared): Step {
  const missing = items.filter((item) => item.papers.length === 0).length;
  const values = { missing, n: items.length };
  if (items.length === 0) return { step: 'papers', tone: 'later', part: 0, key: 'papers.later', values };
  if (missing === 0) return { step: 'papers', tone: 'done', part: 1, key: 'papers.all', values };
  return { step: 'papers', tone: 'act', part: 1 - missing / items.length, key: 'papers.missing', values };
}

function invitationsStep({ invitations }: Prepared): Step {
  const count = invitations.length;
  const sent = invitations.filter((i) => i.sent_at).length;
  const values = { n: count, sent, unsent: count - sent };
  if (count === 0) return { step: 'invitations', tone: 'act', part: 0, key: 'invitations.none', values };
  if (sent === 0) return { step: 'invitations', tone: 'wait', part: 0, key: 'invitations.unsent', values };
  if (sent < count) return { step: 'invitations', tone: 'wait', part: sent / count, key: 'invitations.some', values };
  return { step: 'invitations', tone: 'done', part: 1, key: 'invitations.sent', values };
}

function answersStep({ invitations }: Prepared): Step {
  const sent = invitations.filter((i) => i.sent_at);
  const { accepted, declined, none } = countAnswers(sent);
  const values = { accepted, declined, none, n: sent.length };
  if (sent.length === 0) return { step: 'answers', tone: 'later', part: 0, key: 'answers.later', values };
  const part = (accepted + declined) / sent.length;
  return {
    step: 'answers',
    tone: none === 0 ? 'done' : 'wait',
    part,
    key: declined > 0 ? 'answers.someDeclined' : 'answers.count',
    values,
  };
}

/** How many come, do not come, and have not said. */
export function countAnswers(invitations: readonly { answer: string }[]): {
  accepted: number;
  declined: number;
  none: number;
} {
  const accepted = invitations.filter((i) => i.answer === 'accepted').length;
  const declined = invitations.filter((i) => i.answer === 'declined').length;
  return { accepted, declined, none: invitations.length - accepted - declined };
}
