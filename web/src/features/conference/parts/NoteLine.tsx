import { Button } from '@mantine/core';
import type { TablerIcon } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { cx } from '../../../lib/cx';
import classes from './RoomNotes.module.css';

interface Props {
  Icon: TablerIcon;
  children: ReactNode;
  /** Something is lost: said at once. */
  red?: boolean;
  urgent?: boolean;
  verb?: string;
  onPress?: () => void;
  /** The verb only puts the line away. */
  plain?: boolean;
  testId?: string;
}

/** One line above the stage, with at most one thing to do. */
export function NoteLine({ Icon, children, red = false, urgent = red, verb, onPress, plain = false, testId }: Props) {
  return (
    <div className={cx(classes['note'], red && classes['red'])} role={urgent ? 'alert' : 'status'} data-testid={testId}>
      <Icon size={18} aria-hidden />
      <span className={classes['text']}>{children}</span>
      {verb && onPress && (
        <Button size="xs" variant={plain ? 'subtle' : 'filled'} onClick={onPress}>
          {verb}
        </Button>
      )}
    </div>
  );
}
