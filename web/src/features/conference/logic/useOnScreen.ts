import { type RefObject, useEffect } from 'react';
import { drawnHeight, type Fit, onScreen } from '../../../media/view';

/**
 * Tells the server, by way of the view, how large somebody's place on the page is and whether it can be seen. A place
 * counts before a picture is in it: it is what the picture is asked for with. `stream`: what it shows already.
 */
export function useOnScreen(
  place: RefObject<HTMLElement | null>,
  participant: string,
  fit: Fit,
  stream: MediaStream | null = null,
): void {
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    let visible = false;
    const tell = () => {
      const box = { width: visible ? element.clientWidth : 0, height: element.clientHeight };
      onScreen.show(element, { participant, stream, height: drawnHeight(box, fit, window.devicePixelRatio) });
    };
    const seen = new IntersectionObserver((entries) => {
      visible = entries.at(-1)?.isIntersecting ?? false;
      tell();
    });
    const size = new ResizeObserver(tell);
    const turn = () => onScreen.hide(document.hidden);
    seen.observe(element);
    size.observe(element);
    document.addEventListener('visibilitychange', turn);
    turn();
    return () => {
      seen.disconnect();
      size.disconnect();
      document.removeEventListener('visibilitychange', turn);
      onScreen.drop(element);
    };
  }, [place, participant, fit, stream]);
}
