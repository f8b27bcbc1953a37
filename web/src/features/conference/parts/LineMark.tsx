import { Popover, UnstyledButton } from '@mantine/core';
import {
  IconAntennaBars2,
  IconAntennaBars3,
  IconPlugConnected,
  IconPlugConnectedX,
  IconWifi,
} from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { cx } from '../../../lib/cx';
import { LinesDrawer } from '../../../shared/lines/LinesDrawer';
import { markOf } from '../logic/line';
import type { RoomState } from '../room/types';
import classes from './LineMark.module.css';
import { LinePanel } from './LinePanel';

const looks = {
  connecting: { Icon: IconPlugConnected, tone: 'amber' },
  good: { Icon: IconWifi, tone: 'green' },
  weak: { Icon: IconAntennaBars3, tone: 'amber' },
  poor: { Icon: IconAntennaBars2, tone: 'red' },
  lost: { Icon: IconPlugConnectedX, tone: 'red' },
  failed: { Icon: IconPlugConnectedX, tone: 'amber' },
} as const;

interface Props {
  state: RoomState;
  meetingId: string;
  small?: boolean;
}

/** How the own line is, in a word with shape and colour; a press says what is wrong and what helps. */
export function LineMark({ state, meetingId, small = false }: Props) {
  const { t } = useTranslation('line');
  const [opened, setOpened] = useState(false);
  const [all, setAll] = useState(false);
  const mark = markOf(state);
  const { Icon, tone } = looks[mark];
  return (
    <>
      <Popover
        opened={opened}
        onChange={setOpened}
        position="bottom-end"
        width={360}
        trapFocus
        returnFocus
        withinPortal
      >
        <Popover.Target>
          <UnstyledButton
            className={cx(classes['mark'], small && classes['small'])}
            aria-label={t('panel.open', { mark: t(`mark.${mark}`) })}
            aria-expanded={opened}
            data-testid={small ? 'line-small' : 'line'}
            data-line={mark}
            onClick={() => setOpened(!opened)}
          >
            <Icon size={small ? 15 : 17} stroke={1.8} className={classes[tone]} aria-hidden />
            {t(`mark.${mark}`)}
          </UnstyledButton>
        </Popover.Target>
        <Popover.Dropdown aria-label={t('panel.title')} maw="calc(100vw - 16px)">
          <LinePanel
            mark={mark}
            line={state.line}
            camera={state.camera}
            limited={state.limited}
            onAll={
              state.leads
                ? () => {
                    setOpened(false);
                    setAll(true);
                  }
                : undefined
            }
          />
        </Popover.Dropdown>
      </Popover>
      <LinesDrawer meetingId={meetingId} opened={all} onClose={() => setAll(false)} />
    </>
  );
}
