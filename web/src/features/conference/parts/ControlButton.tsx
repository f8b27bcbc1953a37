import type { TablerIcon } from '@tabler/icons-react';
import { forwardRef, type ReactNode } from 'react';
import { cx } from '../../../lib/cx';
import classes from './Controls.module.css';

interface Props {
  Icon: TablerIcon;
  children: ReactNode;
  tone?: 'off' | 'on' | 'gold' | 'leave' | 'close' | undefined;
  disabled?: boolean;
  /** The single key that does the same. */
  shortcut?: string;
  title?: string;
  label?: string;
  expanded?: boolean;
  onClick: () => void;
}

/** A control of the bar: a sign with its word below. */
export const ControlButton = forwardRef<HTMLButtonElement, Props>(function ControlButton(props, ref) {
  const { Icon, children, tone, disabled = false, shortcut, title, label, expanded, onClick } = props;
  return (
    <button
      ref={ref}
      type="button"
      className={cx(classes['control'], tone && classes[tone])}
      disabled={disabled}
      aria-keyshortcuts={shortcut}
      title={title}
      aria-label={label}
      aria-expanded={expanded}
      onClick={onClick}
    >
      <Icon size={22} stroke={1.7} aria-hidden />
      {children}
    </button>
  );
});
