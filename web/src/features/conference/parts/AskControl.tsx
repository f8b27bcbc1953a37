import { Button, Drawer, Popover, TextInput } from '@mantine/core';
import { IconHandStop } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ProblemNote } from '../../../ui/ErrorState';
import type { FloorDesk } from '../room/useFloor';
import { ControlButton } from './ControlButton';
import classes from './Controls.module.css';

interface Props {
  desk: FloorDesk;
  phone: boolean;
  opened: boolean;
  onOpened: (opened: boolean) => void;
}

/**
 * The hand: asks to speak, with a topic if one likes; while waiting it tells the place and takes the
 * hand down; while speaking it gives the floor back.
 */
export function AskControl({ desk, phone, opened, onOpened }: Props) {
  const { t } = useTranslation('room');
  const { kind } = desk.standing;
  const button = (
    <ControlButton
      Icon={IconHandStop}
      tone={kind === 'none' ? undefined : 'gold'}
      disabled={!desk.floor || desk.busy.end}
      shortcut="H"
      title={t('ask.key')}
      expanded={opened}
      onClick={() => (kind === 'speaking' ? desk.end() : onOpened(!opened))}
    >
      {t(`ask.button.${kind}`)}
    </ControlButton>
  );
  const form = <AskForm desk={desk} phone={phone} onDone={() => onOpened(false)} />;
  if (phone) {
    return (
      <>
        {button}
        <Drawer
          opened={opened}
          onClose={() => onOpened(false)}
          position="bottom"
          styles={{ content: { height: 'auto' } }}
          title={t('ask.title')}
          closeButtonProps={{ 'aria-label': t('common:action.close') }}
        >
          {form}
        </Drawer>
      </>
    );
  }
  return (
    <Popover opened={opened} onChange={onOpened} position="top" width={340} trapFocus returnFocus withinPortal>
      <Popover.Target>{button}</Popover.Target>
      <Popover.Dropdown aria-label={t('ask.title')}>{form}</Popover.Dropdown>
    </Popover>
  );
}

function AskForm({ desk, phone, onDone }: { desk: FloorDesk; phone: boolean; onDone: () => void }) {
  const { t } = useTranslation('room');
  const [topic, setTopic] = useState('');
  const { standing } = desk;
  if (standing.kind === 'waiting') {
    return (
      <div className={classes['ask']}>
        <p className={classes['askPlace']}>{t('ask.place', { place: standing.place })}</p>
        <ProblemNote error={desk.error} />
        <Button
          variant="default"
          size={phone ? 'md' : 'sm'}
          onClick={() => {
            desk.withdraw(standing.turn);
            onDone();
          }}
        >
          {t('floor.withdraw')}
        </Button>
      </div>
    );
  }
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (!desk.busy.ask) desk.ask(topic.trim(), onDone);
  };
  return (
    <form className={classes['ask']} onSubmit={send}>
      <TextInput
        label={t('ask.topic')}
        description={t('ask.topicHint')}
        maxLength={200}
        value={topic}
        {...(phone ? {} : { 'data-autofocus': true })}
        onChange={(event) => setTopic(event.currentTarget.value)}
      />
      <ProblemNote error={desk.error} />
      <Button type="submit" size={phone ? 'md' : 'sm'} loading={desk.busy.ask}>
        {t('ask.send')}
      </Button>
      <p className={classes['askNote']}>{t('ask.consent')}</p>
    </form>
  );
}
