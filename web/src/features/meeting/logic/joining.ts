// Whether the room can be entered, and if not, why. Pure.

export type JoinState =
  | { may: true }
  | { may: false; why: 'draft' | 'cancelled' | 'closed' | 'offline' | 'early' | 'uninvited'; opensAt: string };

interface Joinable {
  state: string;
  online: boolean;
  /** When the room opens. */
  join_from: string;
  can: readonly string[];
}

/** The server decides (can "join"); the page finds the sentence that explains a no. */
export function joining(meeting: Joinable, now: Date): JoinState {
  const opensAt = meeting.join_from;
  if (meeting.can.includes('join')) return { may: true };
  const no = (why: Exclude<JoinState, { may: true }>['why']): JoinState => ({ may: false, why, opensAt });
  if (meeting.state === 'draft' || meeting.state === 'cancelled' || meeting.state === 'closed')
    return no(meeting.state);
  if (!meeting.online) return no('offline');
  if (now < new Date(opensAt)) return no('early');
  return no('uninvited');
}
