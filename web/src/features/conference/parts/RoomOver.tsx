import { Button } from '@mantine/core';
import { IconDeviceLaptop, IconDoorExit } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { ButtonLink } from '../../../ui/ButtonLink';
import classes from '../pages/RoomPage.module.css';

/** Why one is not in the room. */
export type Over = 'closed' | 'cancelled' | 'refused' | 'replaced' | 'removed' | 'early' | 'moved';

interface Props {
  meetingId: string;
  why: Over;
  /** Comes back to this device, where the person has moved to another one. */
  onBack?: (() => void) | undefined;
}

/** Stands in the place of a room that one cannot be in (any more), and says why. */
export function RoomOver({ meetingId, why, onBack }: Props) {
  const { t } = useTranslation('room');
  return (
    <main className={classes['over']}>
      <IconDoorExit size={36} stroke={1.5} aria-hidden />
      <h1 className={classes['overTitle']}>{t(`over.${why}.title`)}</h1>
      <p className={classes['overText']}>{t(`over.${why}.text`)}</p>
      {why === 'moved' && onBack && (
        <Button leftSection={<IconDeviceLaptop size={19} aria-hidden />} onClick={onBack}>
          {t('over.moved.return')}
        </Button>
      )}
      <ButtonLink to="/cuoc-hop/$meetingId" params={{ meetingId }}>
        {t('over.back')}
      </ButtonLink>
    </main>
  );
}
