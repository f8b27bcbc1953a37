import type { DeviceHooks, OwnDevices } from './ownDevices';
import { isNearlyCalled, overdrawn, standing, takenAfter, turnBegins } from './rights';
import type { Floor, Rights } from './types';

/** Keeps one's own devices to what one may send, and opens the microphone for the own turn. */
export class OwnRights {
  /** The own turn began and the microphone waits for the right to it. */
  private opensMic = false;
  /** The floor before this one was one's own. */
  private spoke = false;

  constructor(
    private readonly devices: OwnDevices,
    private readonly hooks: Pick<DeviceHooks, 'get' | 'set' | 'tell'>,
    /** Another device of the person is in the room and speaks: here the microphone is turned on by hand only. */
    private readonly quiet: boolean,
  ) {}

  /** Takes what one may send: what may not be any more goes off at once, and it is remembered why. */
  allowed(rights: Rights): void {
    const { get, set, tell } = this.hooks;
    const before = get();
    const lost = overdrawn(before, rights);
    set({ rights, taken: takenAfter(before.taken, lost, rights, this.spoke ? 'turn_ended' : 'no_right') });
    for (const kind of lost) this.devices.off(kind);
    if (lost.length > 0) tell();
    this.openForTurn();
  }

  /** Takes the queue. The microphone opens by itself when the turn begins that one asked for. */
  floorIs(floor: Floor, appointmentId: string | undefined): void {
    const before = standing(this.hooks.get().floor, appointmentId);
    const after = standing(floor, appointmentId);
    this.spoke = after.at === 'speaking' || before.at === 'speaking';
    this.hooks.set({ floor });
    this.opensMic = !this.quiet && after.at === 'speaking' && (this.opensMic || turnBegins(before, after));
    this.openForTurn();
    if (!this.quiet && isNearlyCalled(after)) void this.devices.ready();
  }

  private openForTurn(): void {
    if (!this.opensMic || !this.hooks.get().rights.mic) return;
    this.opensMic = false;
    if (!this.hooks.get().mic) void this.devices.turn('mic', true);
  }
}
