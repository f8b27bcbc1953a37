import { useEffect, useRef } from 'react';
import type { RoomPerson } from '../room/types';

interface Props {
  people: readonly RoomPerson[];
  speakerId: string;
  /** Changes when the user pressed for sound, so that blocked elements try again. */
  attempt: number;
  onBlocked: () => void;
}

/** Plays the voices of the others. Nothing to see. */
export function RoomAudio({ people, speakerId, attempt, onBlocked }: Props) {
  return people
    .filter((person) => !person.self)
    .map((person) =>
      person.audio ? (
        <Voice
          key={person.id}
          participant={person.id}
          stream={person.audio}
          speakerId={speakerId}
          attempt={attempt}
          onBlocked={onBlocked}
        />
      ) : null,
    );
}

interface VoiceProps extends Omit<Props, 'people'> {
  participant: string;
  stream: MediaStream;
}

function Voice({ participant, stream, speakerId, attempt, onBlocked }: VoiceProps) {
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
  return <audio ref={element} data-participant={participant} data-testid="voice" autoPlay />;
}
