import { useEffect, useRef } from 'react';
import { useOnScreen } from '../logic/useOnScreen';

interface Props {
  stream: MediaStream;
  className: string | undefined;
  /** The participant shown; tests and support find the element by it. */
  participant: string;
  testId: string;
}

/** A live picture without sound; sound is played by RoomAudio. It is sent only while it can be seen. */
export function LiveVideo({ stream, className, participant, testId }: Props) {
  const element = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    const video = element.current;
    if (!video) return;
    if (video.srcObject !== stream) video.srcObject = stream;
    video.play().catch(() => undefined); // a muted video is always allowed; an abort means it was replaced
  }, [stream]);
  useOnScreen(element, participant, 'contain', stream);
  return (
    <video
      ref={element}
      className={className}
      data-participant={participant}
      data-testid={testId}
      autoPlay
      playsInline
      muted
      aria-hidden
      tabIndex={-1}
    />
  );
}
