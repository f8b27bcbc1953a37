import type { FloorDesk } from '../room/useFloor';
import { useFloorWords } from '../room/useFloorWords';

/** Reads out what happens on the floor. Nothing to see. */
export function FloorVoice({ desk, me }: { desk: FloorDesk; me: string }) {
  const { polite, assertive } = useFloorWords(desk, me);
  return (
    <>
      <div className="visually-hidden" aria-live="polite" data-testid="floor-polite">
        {polite}
      </div>
      <div className="visually-hidden" aria-live="assertive" data-testid="floor-assertive">
        {assertive}
      </div>
    </>
  );
}
