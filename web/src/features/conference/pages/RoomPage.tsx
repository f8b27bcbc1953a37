import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { live, topic, useLive } from '../../../live/live';
import type { OtherDevice } from '../../../media/types';
import { QueryState } from '../../../ui/QueryState';
import { roomKeys, roomMeetingQuery } from '../api/room';
import { enterRoom, type JoinChoice, leaveRoom, roomChoice, storedChoice } from '../logic/devices';
import { PreJoin } from '../parts/PreJoin';
import { Room } from '../parts/Room';
import { RoomOver } from '../parts/RoomOver';

/** The room of a meeting: first the check of the devices, then the room; a reload goes straight back in. */
export function RoomPage() {
  const { meetingId } = useParams({ from: '/session/cuoc-hop/$meetingId/phong' });
  return <RoomOf key={meetingId} meetingId={meetingId} />;
}

function RoomOf({ meetingId }: { meetingId: string }) {
  const { t } = useTranslation('room');
  const navigate = useNavigate();
  const meeting = useQuery(roomMeetingQuery(meetingId));
  const [choice, setChoice] = useState<JoinChoice | null>(() => roomChoice(meetingId));
  const [entry, setEntry] = useState<{ n: number; other: OtherDevice }>(() => ({
    n: 0,
    other: choice?.quiet ? 'keep' : '',
  }));
  useSocket();
  useLive([topic.meeting(meetingId)], [roomKeys.meeting(meetingId)]);
  useEffect(() => {
    if (meeting.data) document.title = `${meeting.data.title} · ${t('title')}`;
  }, [meeting.data, t]);

  if (!meeting.data) return <QueryState query={meeting} />;
  const { state } = meeting.data;
  if (state === 'closed' || state === 'cancelled') {
    leaveRoom(meetingId);
    return <RoomOver meetingId={meetingId} why={state} />;
  }
  if (!choice) {
    return (
      <PreJoin
        meeting={meeting.data}
        onEnter={(chosen) => {
          enterRoom(meetingId, chosen);
          setChoice(chosen);
        }}
      />
    );
  }
  return (
    <Room
      key={entry.n}
      meeting={meeting.data}
      choice={choice}
      other={entry.other}
      onOther={(other) => {
        const quiet = other === 'keep';
        const chosen = { ...choice, mic: quiet ? false : storedChoice().mic, quiet };
        enterRoom(meetingId, chosen);
        setChoice(chosen);
        setEntry({ n: entry.n + 1, other });
      }}
      onChoice={(changed) => enterRoom(meetingId, changed)}
      onLeave={() => {
        leaveRoom(meetingId);
        void navigate({ to: '/cuoc-hop/$meetingId', params: { meetingId } });
      }}
    />
  );
}

// The room stands outside of the shell, which otherwise keeps the socket of the tab.
function useSocket(): void {
  useEffect(() => {
    live.start();
    const wake = () => live.wake();
    window.addEventListener('online', wake);
    return () => {
      window.removeEventListener('online', wake);
      live.stop();
    };
  }, []);
}
