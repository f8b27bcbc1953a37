import { ActionIcon, Button, NativeSelect, Popover, SegmentedControl } from '@mantine/core';
import { IconAdjustmentsHorizontal } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { minutesOf } from '../logic/floor';
import type { FloorDesk } from '../room/useFloor';
import classes from './FloorPanel.module.css';

const choices = [120, 180, 300, 420, 600, 900, 1200];

interface Props {
  desk: FloorDesk;
  onMuteAll: () => void;
  onClear: () => void;
}

/** How the meeting speaks: freely or when called, and how long; and what concerns everybody at once. */
export function FloorSettings({ desk, onMuteAll, onClear }: Props) {
  const { t } = useTranslation('room');
  const { floor } = desk;
  if (!floor) return null;
  const times = choices.includes(floor.seconds) ? choices : [...choices, floor.seconds].sort((a, b) => a - b);
  return (
    <Popover position="bottom-end" width={300} trapFocus withinPortal>
      <Popover.Target>
        <ActionIcon aria-label={t('floor.settings')} title={t('floor.settings')}>
          <IconAdjustmentsHorizontal size={18} stroke={1.7} aria-hidden />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown>
        <fieldset className={classes['settings']} disabled={desk.busy.settings}>
          <legend className={classes['settingsLabel']}>{t('floor.modeLabel')}</legend>
          <SegmentedControl
            fullWidth
            size="sm"
            value={floor.mode}
            onChange={(value) => desk.change({ mode: value === 'free' ? 'free' : 'called', seconds: floor.seconds })}
            data={(['called', 'free'] as const).map((value) => ({ value, label: t(`floor.mode.${value}`) }))}
          />
          <p className={classes['settingsHint']}>{t(`floor.modeHint.${floor.mode}`)}</p>
          <NativeSelect
            label={t('floor.time')}
            value={String(floor.seconds)}
            onChange={(event) => desk.change({ mode: floor.mode, seconds: Number(event.currentTarget.value) })}
            data={times.map((seconds) => ({
              value: String(seconds),
              label: t('agenda.minutes', { minutes: minutesOf(seconds) }),
            }))}
          />
        </fieldset>
        <div className={classes['settingsAll']}>
          <Button variant="default" size="xs" onClick={onMuteAll}>
            {t('controls.muteAll')}
          </Button>
          <Button variant="default" size="xs" disabled={floor.waiting.length === 0} onClick={onClear}>
            {t('controls.lowerAll')}
          </Button>
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}
