import { describe, expect, it } from 'vitest';
import { groupPeople, type Invited, kindOf, type Present } from './people';

function person(id: string, more: Partial<Present> = {}): Present {
  return {
    id,
    appointmentId: `a-${id}`,
    name: `Người ${id}`,
    office: `Chủ tịch · UBND phường ${id}`,
    role: 'point',
    self: false,
    chair: false,
    mic: false,
    camera: true,
    speaking: false,
    floor: false,
    hand: 0,
    line: null,
    ...more,
  };
}

function invited(id: string, more: Partial<Invited> = {}): Invited {
  return {
    role: 'point',
    answer: 'accepted',
    sent_at: '2026-11-20T01:00:00Z',
    appointment: {
      id: `a-${id}`,
      full_name: `Người ${id}`,
      position: 'Chủ tịch',
      agency_name: `UBND phường ${id}`,
      agency_short_name: '',
    },
    ...more,
  };
}

const names = (groups: ReturnType<typeof groupPeople>) =>
  groups.map((group) => `${group.name}: ${group.people.map((row) => row.personId || row.appointmentId).join(' ')}`);

describe('groups', () => {
  it('stand in the order of what the chair looks for', () => {
    const people = [
      person('d'),
      person('c', { role: 'chair', chair: true }),
      person('h2', { hand: 2 }),
      person('h1', { hand: 1 }),
      person('s', { floor: true }),
      person('x', { line: 'lost' }),
    ];
    expect(names(groupPeople(people, [invited('gone'), invited('d')], ''))).toEqual([
      'speaking: s',
      'asks: h1 h2',
      'lost: x',
      'here: c d',
      'away: a-gone',
    ]);
  });
  it('say who is lost before who asks, and weak lines in a word', () => {
    const [lost] = groupPeople([person('x', { line: 'lost', hand: 1 })], [], '');
    expect(lost?.name).toBe('lost');
    const [here] = groupPeople([person('y', { line: 'poor' })], [], '');
    expect(here?.people[0]?.state).toBe('weak');
  });
  it('leave out whose invitation has not been sent, and say who declined', () => {
    const groups = groupPeople([], [invited('a', { sent_at: null }), invited('b', { answer: 'declined' })], '');
    expect(groups.map((g) => g.people.map((row) => row.state))).toEqual([['declined']]);
  });
  it('list a person with two devices twice, and not as absent', () => {
    const twice = [person('p1', { appointmentId: 'a-p' }), person('p2', { appointmentId: 'a-p' })];
    expect(names(groupPeople(twice, [invited('p')], ''))).toEqual(['here: p1 p2']);
  });
});

describe('search', () => {
  const people = [person('Bạch Đằng'), person('Lê Lợi')];
  it('finds by name and office, marks aside, in any order of words', () => {
    expect(names(groupPeople(people, [], 'dang phuong'))).toEqual(['here: Bạch Đằng']);
    expect(names(groupPeople(people, [], '  '))).toEqual(['here: Bạch Đằng Lê Lợi']);
    expect(groupPeople(people, [], 'không có')).toEqual([]);
  });
});

describe('points', () => {
  it('are spoken of when some are invited', () => {
    expect(kindOf([{ role: 'chair' }, { role: 'point' }])).toBe('points');
    expect(kindOf([{ role: 'chair' }, { role: 'hall' }])).toBe('points');
    expect(kindOf([{ role: 'chair' }, { role: 'member' }])).toBe('persons');
  });
});
