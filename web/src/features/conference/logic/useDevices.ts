import { useEffect, useState } from 'react';

export interface Devices {
  cameras: MediaDeviceInfo[];
  mics: MediaDeviceInfo[];
  speakers: MediaDeviceInfo[];
  /** The browser named them, or would not: false until it was asked. */
  known: boolean;
}

const none: Devices = { cameras: [], mics: [], speakers: [], known: false };

/** The devices of this computer, read again when one is plugged in. Names are known only after a permission:
 *  `granted` changes when one is given. */
export function useDevices(granted: boolean): Devices {
  const [devices, setDevices] = useState(none);
  useEffect(() => {
    const media = navigator.mediaDevices as MediaDevices | undefined;
    if (!media) return;
    let gone = false;
    const readAll = () => {
      media.enumerateDevices().then(
        (list) => {
          if (gone) return;
          // Entries without an id stand for "there is one, but you may not know it yet".
          const of = (kind: MediaDeviceKind) => list.filter((d) => d.kind === kind && d.deviceId !== '');
          const known = !list.some((d) => d.kind !== 'audiooutput' && d.deviceId === '');
          setDevices({ cameras: of('videoinput'), mics: of('audioinput'), speakers: of('audiooutput'), known });
        },
        () => undefined,
      );
    };
    if (granted || !gone) readAll();
    media.addEventListener('devicechange', readAll);
    return () => {
      gone = true;
      media.removeEventListener('devicechange', readAll);
    };
  }, [granted]);
  return devices;
}
