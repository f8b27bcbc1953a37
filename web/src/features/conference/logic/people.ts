// Everybody of a meeting as one list: who speaks, who asks, who is there, who is not. Pure.

import { fold } from '../../../lib/names';

/** What the list needs to know of somebody in the room. */
export interface Present {
  id: string;
  appointmentId: string;
  name: string;
  office: string;
  role: string;
  self: boolean;
  chair: boolean;
  mic: boolean;
  camera: boolean;
  speaking: boolean;
  floor: boolean;
  hand: number;
  line: 'good' | 'weak' | 'poor' | 'lost' | null;
}

/** What the list needs to know of an invitation. */
export interface Invited {
  role: string;
  answer: string;
  sent_at: string | null;
  appointment: {
    id: string;
    full_name: string;
    position: string;
    agency_name: string;
    agency_short_name: string;
  };
}

export type PresenceWord =
  | 'speaking'
  | 'asks'
  | 'connected'
  | 'weak'
  | 'lost'
  /** Has not joined. */
  | 'away'
  | 'declined';

/** One row of the list. */
export interface Listed {
  key: string;
  /** Id in the room; empty for who is not there. */
  personId: string;
  appointmentId: string;
  name: string;
  office: string;
  role: string;
  self: boolean;
  chair: boolean;
  mic: boolean;
  camera: boolean;
  speaking: boolean;
  state: PresenceWord;
  /** Place in the queue, from 1. */
  hand: number;
}

export type GroupName = 'speaking' | 'asks' | 'lost' | 'here' | 'away';

export interface PeopleGroup {
  name: GroupName;
  people: Listed[];
}

const order: readonly GroupName[] = ['speaking', 'asks', 'lost', 'here', 'away'];
const ranks = ['chair', 'secretary', 'operator', 'hall', 'point', 'member', 'observer'];

/** Everybody in groups, in the order of what the chair looks for first; groups that are empty are left out. */
export function groupPeople(people: readonly Present[], invitations: readonly Invited[], query: string): PeopleGroup[] {
  const here = new Set(people.map((person) => person.appointmentId));
  const absent = invitations.filter((i) => i.sent_at && !here.has(i.appointment.id));
  const all = [...people.map(present), ...absent.map(away)];
  const words = fold(query).split(/\s+/).filter(Boolean);
  const found = all.filter((row) => {
    const text = fold(`${row.name} ${row.office}`);
    return words.every((word) => text.includes(word));
  });
  return order
    .map((name) => ({ name, people: found.filter((row) => groupOf(row) === name).sort(compare) }))
    .filter((group) => group.people.length > 0);
}

/** Whether the meeting joins rooms rather than persons: the page then speaks of "điểm cầu". */
export function kindOf(invitations: readonly { role: string }[]): 'points' | 'persons' {
  return invitations.some(({ role }) => role === 'point' || role === 'hall') ? 'points' : 'persons';
}

function groupOf(row: Listed): GroupName {
  if (row.state === 'speaking' || row.state === 'asks' || row.state === 'lost') return row.state;
  return row.personId === '' ? 'away' : 'here';
}

function compare(a: Listed, b: Listed): number {
  return (
    a.hand - b.hand ||
    ranks.indexOf(a.role) - ranks.indexOf(b.role) ||
    a.name.localeCompare(b.name, 'vi') ||
    (a.key < b.key ? -1 : 1)
  );
}

function present(p: Present): Listed {
  const { id, appointmentId, name, office, role, self, chair, mic, camera, speaking, hand } = p;
  return {
    key: id,
    personId: id,
    appointmentId,
    name,
    office,
    role,
    self,
    chair,
    mic,
    camera,
    speaking,
    hand,
    state: stateOf(p),
  };
}

function stateOf(p: Present): PresenceWord {
  if (p.line === 'lost') return 'lost';
  if (p.floor) return 'speaking';
  if (p.hand > 0) return 'asks';
  return p.line === 'weak' || p.line === 'poor' ? 'weak' : 'connected';
}

function away({ appointment, role, answer }: Invited): Listed {
  return {
    key: appointment.id,
    personId: '',
    appointmentId: appointment.id,
    name: appointment.full_name,
    office: [appointment.position, appointment.agency_short_name || appointment.agency_name]
      .filter(Boolean)
      .join(' · '),
    role,
    self: false,
    chair: role === 'chair',
    mic: false,
    camera: false,
    speaking: false,
    hand: 0,
    state: answer === 'declined' ? 'declined' : 'away',
  };
}
