import { describe, expect, it } from 'vitest';
import { type Prepared, readiness } from './readiness';

const base: Prepared = {
  state: 'draft',
  starts_at: '2026-11-24T01:30:00Z',
  ends_at: '2026-11-24T02:30:00Z',
  items: [],
  invitations: [],
};
const item = (id: string, minutes: number, papers: number) => ({ id, minutes, papers: Array.from({ length: papers }) });
const tones = (m: Prepared) => readiness(m).map((s) => s.tone);

describe('readiness', () => {
  it('asks for an agenda and people first', () => {
    expect(tones(base)).toEqual(['act', 'later', 'act', 'later']);
  });
  it('says how many items have no paper', () => {
    const steps = readiness({ ...base, items: [item('a', 20, 1), item('b', 20, 0), item('c', 20, 2)] });
    expect(steps[0]).toMatchObject({ tone: 'done', key: 'agenda.fits' });
    expect(steps[1]).toMatchObject({ tone: 'act', key: 'papers.missing', values: { missing: 1, n: 3 } });
  });
  it('says when the agenda is longer than the meeting', () => {
    const steps = readiness({ ...base, items: [item('a', 50, 1), item('b', 25, 1)] });
    expect(steps[0]).toMatchObject({ tone: 'act', key: 'agenda.over', values: { minutes: 15 } });
  });
  it('waits for answers once invitations are out, and is done when all have answered', () => {
    const sent = { sent_at: '2026-11-20T01:00:00Z' };
    const some = {
      ...base,
      state: 'convened',
      invitations: [
        { ...sent, answer: 'accepted' },
        { ...sent, answer: 'none' },
      ],
    };
    expect(readiness(some)[3]).toMatchObject({ tone: 'wait', part: 0.5, values: { accepted: 1, n: 2 } });
    const all = {
      ...some,
      invitations: [
        { ...sent, answer: 'accepted' },
        { ...sent, answer: 'declined' },
      ],
    };
    expect(readiness(all)[3]).toMatchObject({ tone: 'done', key: 'answers.someDeclined' });
  });
  it('notices people who were added after the sending', () => {
    const late = {
      ...base,
      state: 'convened',
      invitations: [
        { sent_at: '2026-11-20T01:00:00Z', answer: 'none' },
        { sent_at: null, answer: 'none' },
      ],
    };
    expect(readiness(late)[2]).toMatchObject({ tone: 'wait', key: 'invitations.some', values: { unsent: 1 } });
  });
});
