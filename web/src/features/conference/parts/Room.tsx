import { useMediaQuery } from '@mantine/hooks';
import { useEffect, useReducer, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { OtherDevice } from '../../../media/types';
import { ConfirmDialog } from '../../../ui/ConfirmDialog';
import { type RoomMeeting, useCloseSession } from '../api/room';
import type { JoinChoice } from '../logic/devices';
import { follow, startFollow } from '../logic/follow';
import { type Layout, nextLayout } from '../logic/layout';
import { useShortcuts } from '../logic/useShortcuts';
import { useFloor } from '../room/useFloor';
import { useRoom } from '../room/useRoom';
import { Controls, type ControlsProps } from './Controls';
import { FloorNotes } from './FloorNotes';
import { FloorVoice } from './FloorVoice';
import { OtherDeviceAsk } from './OtherDeviceAsk';
import { RoomAudio } from './RoomAudio';
import { RoomDesk } from './RoomDesk';
import { RoomNotes } from './RoomNotes';
import { type Over, RoomOver } from './RoomOver';
import { RoomPhone } from './RoomPhone';
import { RoomPrompt } from './RoomPrompt';

interface Props {
  meeting: RoomMeeting;
  choice: JoinChoice;
  /** Microphone or camera was switched: a reload keeps it. */
  onChoice: (choice: JoinChoice) => void;
  onLeave: () => void;
  /** What becomes of another device of the same person. */
  other: OtherDevice;
  /** The person chose: joins anew so. */
  onOther: (other: OtherDevice) => void;
}

/** The room itself: joins, and puts agenda, pictures, paper and people into the frame that fits the screen. */
export function Room({ meeting, choice, onChoice, onLeave, other, onOther }: Props) {
  const { t } = useTranslation('room');
  const phone = useMediaQuery('(max-width: 1023.98px)', false, { getInitialValueInEffect: false }) ?? false;
  const { state, actions } = useRoom(meeting.id, choice, other);
  const role = meeting.my_role === '' ? 'observer' : meeting.my_role;
  const desk = useFloor(meeting.id, role, state);
  const [layout, setLayout] = useState<Layout>('balanced');
  const [reading, dispatch] = useReducer(follow, startFollow);
  const [sound, setSound] = useState({ blocked: false, attempt: 0 });
  const [quiet, setQuiet] = useState(choice.quiet);
  const [closing, setClosing] = useState(false);
  const [asking, setAsking] = useState(false);
  const [lowering, setLowering] = useState(false);
  const [listing, setListing] = useState(false);
  const close = useCloseSession(meeting.id, () => setClosing(false));
  const { items, current_item_id: currentId } = meeting;
  useEffect(() => dispatch({ type: 'agenda', items, currentId }), [items, currentId]);

  const mic = () => {
    actions.setMic(!state.mic);
    onChoice({ ...choice, mic: !state.mic, camera: state.camera });
  };
  const camera = () => {
    actions.setCamera(!state.camera);
    onChoice({ ...choice, mic: state.mic, camera: !state.camera });
  };
  const turn = () => setLayout(nextLayout(layout));
  const media = state.media !== 'failed' && state.phase === 'joined';
  const { powers, floor, waiting } = desk;
  const share = phone || powers.watches ? undefined : actions.setScreen;
  useShortcuts({
    ...(media && !powers.watches ? { c: camera } : {}),
    ...(media && (state.rights.mic || state.mic) ? { m: mic } : {}),
    ...(phone ? {} : { l: turn }),
    ...(media && share && (state.rights.screen || state.screen) ? { s: () => share(!state.screen) } : {}),
    ...(powers.asks && floor && desk.standing.kind !== 'speaking' ? { h: () => setAsking(true) } : {}),
    ...(powers.leads && waiting[0] ? { n: () => waiting[0] && desk.call(waiting[0]) } : {}),
    ...(powers.leads && floor?.now ? { '+': desk.more } : {}),
  });

  if (state.phase === 'ended' && state.reason === 'conference.other_device')
    return <OtherDeviceAsk onChoose={onOther} onLeave={onLeave} />;
  if (state.phase === 'ended')
    return <RoomOver meetingId={meeting.id} why={whyOver(state.reason)} onBack={() => onOther('replace')} />;
  const controls: ControlsProps = {
    name: state.people.find((person) => person.self)?.name ?? '',
    role,
    state,
    media,
    layout,
    phone,
    desk,
    asking,
    onAsking: setAsking,
    onMic: mic,
    onCamera: camera,
    onShare: share && (() => share(!state.screen)),
    onLayout: turn,
    onMuteAll: actions.muteAll,
    onLowerAll: () => setLowering(true),
    onLeave: () => {
      actions.leave();
      onLeave();
    },
    onClose: meeting.can.includes('close') ? () => setClosing(true) : undefined,
  };
  const parts = {
    meeting,
    state,
    layout,
    follow: reading,
    onOpen: (itemId: string, paperId: string) => dispatch({ type: 'open', itemId, paperId, currentId }),
    onFollow: (following: boolean) => dispatch(following ? { type: 'follow', items, currentId } : { type: 'stay' }),
    onLayout: setLayout,
    desk,
    actions,
    listing,
    onListing: setListing,
    onClear: () => setLowering(true),
    notes: (
      <RoomNotes
        state={state}
        quiet={quiet}
        silent={sound.blocked && !quiet}
        onLoud={() => {
          setQuiet(false);
          onChoice({ ...choice, mic: state.mic, camera: state.camera, quiet: false });
        }}
        onMic={() => actions.setMic(true)}
        onSound={() => setSound({ blocked: false, attempt: sound.attempt + 1 })}
      />
    ),
    floorNotes: <FloorNotes desk={desk} state={state} phone={phone} />,
    controls: <Controls {...controls} />,
  };
  return (
    <>
      {phone ? <RoomPhone {...parts} /> : <RoomDesk {...parts} />}
      {!quiet && (
        <RoomAudio
          people={state.people}
          shared={state.shared}
          speakerId={choice.speakerId}
          attempt={sound.attempt}
          onBlocked={() => setSound((before) => (before.blocked ? before : { ...before, blocked: true }))}
        />
      )}
      <RoomPrompt desk={desk} state={state} actions={actions} />
      <FloorVoice desk={desk} me={state.me} />
      <ConfirmDialog
        opened={lowering}
        danger
        title={t('lower.title')}
        verb={t('controls.lowerAll')}
        pending={desk.busy.clear}
        error={desk.error}
        onClose={() => setLowering(false)}
        onConfirm={() => desk.clear(() => setLowering(false))}
      >
        <p>{t('lower.text', { n: waiting.length })}</p>
      </ConfirmDialog>
      <ConfirmDialog
        opened={closing}
        danger
        title={t('close.title')}
        verb={t('controls.close')}
        pending={close.isPending}
        error={close.error}
        onClose={() => setClosing(false)}
        onConfirm={() => close.mutate(null)}
      >
        <p>{t('close.text')}</p>
      </ConfirmDialog>
    </>
  );
}

// The server's reason as one of the endings that the page has words for.
function whyOver(reason: string): Over {
  if (reason === 'meeting_closed') return 'closed';
  if (reason === 'meeting_cancelled') return 'cancelled';
  if (reason === 'not_invited') return 'removed';
  if (reason === 'replaced') return reason;
  if (reason === 'moved_device') return 'moved';
  return reason.startsWith('meeting.too_early') ? 'early' : 'refused';
}
