// What can go wrong with camera and microphone, in words that a page can explain. Pure.

export type DeviceProblem =
  /** The page came over plain HTTP: browsers give no camera or microphone then. */
  | 'insecure'
  /** The user, or a rule of the browser, said no. */
  | 'refused'
  /** The operating system keeps the device from the browser. */
  | 'system'
  /** There is no such device. */
  | 'missing'
  /** It was there and was pulled out, or taken away. */
  | 'unplugged'
  /** Another program has it. */
  | 'busy'
  | 'other';

/** Reads the error that getUserMedia threw. */
export function deviceProblem(error: unknown): DeviceProblem {
  const name = error instanceof Error || error instanceof DOMException ? error.name : '';
  const message = error instanceof Error || error instanceof DOMException ? error.message : '';
  switch (name) {
    case 'NotAllowedError':
    case 'PermissionDeniedError':
      return /system/i.test(message) ? 'system' : 'refused';
    case 'NotFoundError':
    case 'DevicesNotFoundError':
    case 'OverconstrainedError':
      return 'missing';
    case 'NotReadableError':
    case 'TrackStartError':
    case 'AbortError':
      return 'busy';
    case 'SecurityError':
      return 'insecure';
    default:
      return 'other';
  }
}

/** Asks the browser whether it allows a device; null where it does not tell. */
export type AskPermission = (kind: 'audio' | 'video') => Promise<PermissionState | null>;

export const askPermission: AskPermission = async (kind) => {
  const name = (kind === 'audio' ? 'microphone' : 'camera') as PermissionName;
  const status = await navigator.permissions?.query({ name }).catch(() => null);
  return status?.state ?? null;
};

/** Tells who says no: a browser that allows the device and still does not get it is stopped by the system. */
export async function whoRefuses(
  problem: DeviceProblem,
  kind: 'audio' | 'video',
  ask: AskPermission = askPermission,
): Promise<DeviceProblem> {
  return problem === 'refused' && (await ask(kind)) === 'granted' ? 'system' : problem;
}

/** What the participant chose before entering; a reload enters again with it. */
export interface JoinChoice {
  mic: boolean;
  camera: boolean;
  micId: string;
  cameraId: string;
  speakerId: string;
  /** Another device of the same person is in the room: this one plays no sound, against echo. */
  quiet: boolean;
}

export const noChoice: JoinChoice = { mic: true, camera: true, micId: '', cameraId: '', speakerId: '', quiet: false };

/** Reads a stored choice; anything unreadable counts as none. */
export function parseChoice(text: string | null): JoinChoice | null {
  if (!text) return null;
  try {
    const value = JSON.parse(text) as Partial<JoinChoice> | null;
    if (!value || typeof value.mic !== 'boolean' || typeof value.camera !== 'boolean') return null;
    const id = (v: unknown) => (typeof v === 'string' ? v : '');
    return {
      mic: value.mic,
      camera: value.camera,
      micId: id(value.micId),
      cameraId: id(value.cameraId),
      speakerId: id(value.speakerId),
      quiet: value.quiet === true,
    };
  } catch {
    return null;
  }
}

const devicesKey = 'nghisu.devices';
const roomKey = (meetingId: string) => `nghisu.room.${meetingId}`;

/** The devices chosen last in this browser. */
export function storedChoice(): JoinChoice {
  return parseChoice(read(() => localStorage.getItem(devicesKey))) ?? noChoice;
}

/** Remembers that this tab is in the room of the meeting, and how. A second device is no custom. */
export function enterRoom(meetingId: string, choice: JoinChoice): void {
  read(() => {
    if (!choice.quiet) localStorage.setItem(devicesKey, JSON.stringify(choice));
    sessionStorage.setItem(roomKey(meetingId), JSON.stringify(choice));
    return null;
  });
}

/** How this tab is in the room; null when it has to pass the check before. */
export function roomChoice(meetingId: string): JoinChoice | null {
  return parseChoice(read(() => sessionStorage.getItem(roomKey(meetingId))));
}

/** Forgets the room, so that a reload does not enter again. */
export function leaveRoom(meetingId: string): void {
  read(() => {
    sessionStorage.removeItem(roomKey(meetingId));
    return null;
  });
}

// Storage throws where the browser closes it; the page then works without memory.
function read(use: () => string | null): string | null {
  try {
    return use();
  } catch {
    return null;
  }
}
