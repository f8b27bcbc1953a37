import { useEffect, useState } from 'react';

/** True once `on` has been true for `ms` milliseconds without a break. */
export function useAfter(on: boolean, ms: number): boolean {
  const [passed, setPassed] = useState(false);
  useEffect(() => {
    if (!on) {
      setPassed(false);
      return;
    }
    const timer = setTimeout(() => setPassed(true), ms);
    return () => clearTimeout(timer);
  }, [on, ms]);
  return on && passed;
}
