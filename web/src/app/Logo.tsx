import type { ReactElement } from 'react';

/** The mark of Nghị Sự. */
export function Logo({ size = 34 }: { size?: number }): ReactElement {
  return <img src="/icon.svg" width={size} height={size} alt="Nghị Sự" />;
}
