import { useEffect, useRef } from 'react';
import type { RoomPerson, SharedScreen } from '../room/types';

interface Props {
  people: readonly RoomPerson[];
  shared: SharedScreen | null;
  speakerId: string;
  /** Changes when the user pressed for sound, so that blocked elements try again. */
  attempt: number;
  onBlocked: () => void;
}

/** Plays the voices of the others, and the sound of the screen that one of them shows. Nothing to see. */
export function RoomAudio({ people, shared, ...play }: Props) {
  return (
    <>
      {people.map(
        (person) =>
          !person.self &&
          person.audio && (
            <Voice key={person.id} participant={person.id} testId="voice" stream={person.audio} {...play} />
          ),
      )}
      {shared?.sound && !shared.by.self && (
        <Voice participant={shared.by.id} testId="screen-sound" stream={shared.sound} {...play} />
      )}
    </>
  );
}

interface VoiceProps extends Omit<Props, 'people' | 'shared'> {
  participant: string;
  stream: MediaStream;
  testId: string;
}

function Voice({ participant, stream, testId, speakerId, attempt, onBlocked }: VoiceProps) {
  const element = useRef<HTMLAudioElement>(null);
  const blocked = useRef(onBlocked);
  useEffect(() => {
    blocked.current = onBlocked;
  });
  useEffect(() => {
    const audio = element.current;
    if (!audio) return;
    if (audio.srcObject !== stream) audio.srcObject = stream;
    audio.play().catch((error: unknown) => {
      if (attempt >= 0 && error instanceof DOMException && error.name === 'NotAllowedError') blocked.current();
    });
  }, [stream, attempt]);
  useEffect(() => {
    const audio = element.current as (HTMLAudioElement & { setSinkId?: (id: string) => Promise<void> }) | null;
    if (speakerId) audio?.setSinkId?.(speakerId).catch(() => undefined);
  }, [speakerId]);
  // biome-ignore lint/a11y/useMediaCaption: live speech has no captions
  return <audio ref={element} data-participant={participant} data-testid={testId} autoPlay />;
}
