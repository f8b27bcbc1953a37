import { useEffect, useState } from 'react';
import { type DeviceProblem, deviceProblem, whoRefuses } from './devices';

export interface Preview {
  stream: MediaStream | null;
  problem: DeviceProblem | null;
  /** The browser is asking the user, or the device is starting. */
  asking: boolean;
}

const off: Preview = { stream: null, problem: null, asking: false };

/**
 * Opens one device for as long as it is wanted. Camera and microphone are opened apart, so that one that
 * is missing does not take the other away. `attempt` changes to try again.
 */
export function usePreview(kind: 'audio' | 'video', wanted: boolean, deviceId: string, attempt: number): Preview {
  const [preview, setPreview] = useState<Preview>(off);
  useEffect(() => {
    if (!wanted) {
      setPreview(off);
      return;
    }
    const media = navigator.mediaDevices as MediaDevices | undefined;
    if (!media?.getUserMedia) {
      setPreview({ stream: null, problem: 'insecure', asking: false });
      return;
    }
    let gone = false;
    let opened: MediaStream | null = null;
    setPreview({ stream: null, problem: null, asking: attempt >= 0 });
    media.getUserMedia({ [kind]: constraints(kind, deviceId) }).then(
      (stream) => {
        opened = stream;
        if (gone) {
          stop(stream);
          return;
        }
        for (const track of stream.getTracks()) {
          track.onended = () => setPreview({ stream: null, problem: 'unplugged', asking: false });
        }
        setPreview({ stream, problem: null, asking: false });
      },
      async (error: unknown) => {
        const problem = await whoRefuses(deviceProblem(error), kind);
        if (!gone) setPreview({ stream: null, problem, asking: false });
      },
    );
    return () => {
      gone = true;
      if (opened) stop(opened);
    };
  }, [kind, wanted, deviceId, attempt]);
  return preview;
}

function constraints(kind: 'audio' | 'video', deviceId: string): MediaTrackConstraints {
  const device = deviceId ? { deviceId: { ideal: deviceId } } : {};
  return kind === 'video'
    ? { ...device, width: { ideal: 1280 }, height: { ideal: 720 } }
    : { ...device, echoCancellation: true, noiseSuppression: true, autoGainControl: true };
}

function stop(stream: MediaStream): void {
  for (const track of stream.getTracks()) {
    track.onended = null;
    track.stop();
  }
}
