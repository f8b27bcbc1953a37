import type { Invitation, Meeting, RoomDevice } from '../types';

/** Programs that a device is set up with. */
export type Program = 'obs' | 'ffmpeg' | 'gstreamer';

/** What one program needs to know, for one way. */
export interface Setup {
  program: Program;
  way: 'send' | 'receive';
  /** A command line; null where the fields of a window are filled in. */
  command: string | null;
}

/** How to set up programs for what the device may do, in the order in which they are shown. */
export function setups(device: RoomDevice, origin: string, token: string): Setup[] {
  const out: Setup[] = [];
  if (device.whip_path) {
    const url = origin + device.whip_path;
    out.push(
      { program: 'obs', way: 'send', command: null },
      { program: 'ffmpeg', way: 'send', command: ffmpegSends(url, token) },
      { program: 'gstreamer', way: 'send', command: gstreamerSends(url, token) },
    );
  }
  if (device.whep_path) {
    out.push({ program: 'gstreamer', way: 'receive', command: gstreamerReceives(origin + device.whep_path, token) });
  }
  return out;
}

// FFmpeg 8.0 or newer has the muxer "whip"; it takes H.264 without B-frames and Opus in stereo at 48 kHz.
const ffmpegSends = (url: string, token: string) =>
  [
    'ffmpeg -f v4l2 -framerate 30 -video_size 1280x720 -i /dev/video0 -f pulse -i default',
    '-c:v libx264 -preset veryfast -tune zerolatency -profile:v baseline -pix_fmt yuv420p -bf 0 -g 60 -b:v 1500k',
    '-c:a libopus -ar 48000 -ac 2 -b:a 64k',
    `-f whip -authorization "${token}" "${url}"`,
  ].join(' \\\n  ');

// Elements of gst-plugins-rs (rswebrtc), GStreamer 1.24 or newer.
const gstreamerSends = (url: string, token: string) =>
  [
    'gst-launch-1.0 whipclientsink name=ws video-caps="video/x-h264,profile=constrained-baseline"',
    `signaller::whip-endpoint="${url}" signaller::auth-token="${token}"`,
    'v4l2src ! videoconvert ! queue ! ws.',
    'pulsesrc ! audioconvert ! queue ! ws.',
  ].join(' \\\n  ');

const gstreamerReceives = (url: string, token: string) =>
  [
    'gst-launch-1.0 whepclientsrc name=ws',
    `signaller::whep-endpoint="${url}" signaller::auth-token="${token}"`,
    'ws. ! video/x-raw ! videoconvert ! autovideosink',
    'ws. ! audio/x-raw ! audioconvert ! autoaudiosink',
  ].join(' \\\n  ');

/** Whether the reader looks after every device of the meeting, only those in the own place, or none. */
export function tendsDevices(meeting: Meeting): 'all' | 'own' | 'none' {
  if (!meeting.online || meeting.state === 'closed' || meeting.state === 'cancelled') return 'none';
  const leads = meeting.can.includes('change') || ['chair', 'secretary', 'operator'].includes(meeting.my_role);
  if (leads) return 'all';
  return ['hall', 'point'].includes(meeting.my_role) ? 'own' : 'none';
}

/** Places that a device can stand in: halls and points first, since that is where devices stand. */
export function places(meeting: Meeting, ownId: string | undefined): Invitation[] {
  const all = tendsDevices(meeting) === 'all';
  const first = (invitation: Invitation) => Number(invitation.role !== 'hall') + Number(!isRoom(invitation));
  return meeting.invitations
    .filter((invitation) => all || invitation.appointment.id === ownId)
    .toSorted((a, b) => first(a) - first(b));
}

const isRoom = ({ role }: Invitation) => role === 'hall' || role === 'point';
