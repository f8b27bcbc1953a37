import { useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import { live, useLiveStatus } from '../../../live/live';
import { deviceName } from '../../../media/device';
import { screenOf } from '../../../media/localMedia';
import { RoomClient } from '../../../media/roomClient';
import { outside } from '../../../media/roomState';
import { signallingOver } from '../../../media/signalling';
import type { OtherDevice } from '../../../media/types';
import type { JoinChoice } from '../logic/devices';
import { useAfter } from '../logic/useAfter';
import type { RoomActions, RoomState } from './types';
import { viewOf } from './view';

const none = () => () => undefined;

/** Milliseconds without media after which the room says so and gives the stage to the paper. */
const stalledAfter = 10_000;

export interface UsedRoom {
  state: RoomState;
  actions: RoomActions;
}

/** Joins the room for as long as the component stands; choice and `other` count at the moment of joining. */
export function useRoom(meetingId: string, choice: JoinChoice, other: OtherDevice): UsedRoom {
  const [client, setClient] = useState<RoomClient | null>(null);
  const [first] = useState({ ...choice, other });
  useEffect(() => {
    const made = new RoomClient({
      meetingId,
      device: deviceName(),
      signalling: signallingOver(live),
      mic: first.mic,
      camera: first.camera,
      micDeviceId: first.micId,
      cameraDeviceId: first.cameraId,
      other: first.other,
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
      setScreen: screenOf(navigator) && ((on) => void client?.setScreen(on)),
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
