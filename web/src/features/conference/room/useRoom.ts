import { useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import { live, useLiveStatus } from '../../../live/live';
import { deviceName } from '../../../media/device';
import { RoomClient } from '../../../media/roomClient';
import { outside } from '../../../media/roomState';
import { signallingOver } from '../../../media/signalling';
import type { JoinChoice } from '../logic/devices';
import { useAfter } from '../logic/useAfter';
import type { RoomActions, RoomState } from './types';
import { viewOf } from './view';

const none = () => () => undefined;

/** Milliseconds without media after which the room says so and gives the stage to the paper. */
const stalledAfter = 10_000;

/** Joins the room for as long as the component stands; the choice counts at the moment of joining. */
export function useRoom(meetingId: string, choice: JoinChoice): { state: RoomState; actions: RoomActions } {
  const [client, setClient] = useState<RoomClient | null>(null);
  const [first] = useState(choice);
  useEffect(() => {
    const made = new RoomClient({
      meetingId,
      device: deviceName(),
      signalling: signallingOver(live),
      mic: first.mic,
      camera: first.camera,
      micDeviceId: first.micId,
      cameraDeviceId: first.cameraId,
    });
    setClient(made);
    void made.join();
    return () => made.leave();
  }, [meetingId, first]);

  const snapshot = useSyncExternalStore(client?.subscribe ?? none, client?.getSnapshot ?? (() => outside));
  const answers = useLiveStatus() === 'live';
  const stalled = useAfter(answers && snapshot.media !== 'connected', stalledAfter);
  const state = useMemo(() => viewOf(snapshot, stalled), [snapshot, stalled]);
  const actions = useMemo<RoomActions>(
    () => ({
      setMic: (on) => void client?.setMic(on),
      setCamera: (on) => void client?.setCamera(on),
      mute: (id) => client?.mute(id),
      muteAll: () => client?.say({ type: 'room.mute_all' }),
      askMic: (id) => client?.say({ type: 'room.ask_mic', participant_id: id }),
      refuseMic: () => client?.refuseMic(),
      leave: () => client?.leave(),
    }),
    [client],
  );
  return { state, actions };
}
