import { Button } from '@mantine/core';
import { IconDevices } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { OtherDevice } from '../../../media/types';
import classes from '../pages/RoomPage.module.css';
import own from './OtherDeviceAsk.module.css';

interface Props {
  onChoose: (other: OtherDevice) => void;
  onLeave: () => void;
}

const choices = ['replace', 'keep'] as const;

/** The person is in the room with another device: which one stays is the person's choice. */
export function OtherDeviceAsk({ onChoose, onLeave }: Props) {
  const { t } = useTranslation('room');
  return (
    <main className={classes['over']} data-testid="other-device">
      <IconDevices size={36} stroke={1.5} aria-hidden />
      <h1 className={classes['overTitle']}>{t('other.title')}</h1>
      <p className={classes['overText']}>{t('other.text')}</p>
      <div className={own['choices']}>
        {choices.map((choice) => (
          <div key={choice} className={own['choice']}>
            <Button fullWidth variant={choice === 'replace' ? 'filled' : 'default'} onClick={() => onChoose(choice)}>
              {t(`other.${choice}.verb`)}
            </Button>
            <p className={own['hint']}>{t(`other.${choice}.hint`)}</p>
          </div>
        ))}
        <Button fullWidth variant="subtle" onClick={onLeave}>
          {t('other.leave')}
        </Button>
      </div>
    </main>
  );
}
