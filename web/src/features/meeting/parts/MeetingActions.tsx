import { ActionIcon, Button, Menu } from '@mantine/core';
import {
  IconAntennaBars5,
  IconDotsVertical,
  IconEye,
  IconListDetails,
  IconPencil,
  IconSend,
  IconX,
} from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { LinesDrawer } from '../../../shared/lines/LinesDrawer';
import { ConfirmDialog } from '../../../ui/ConfirmDialog';
import { ReasonDialog } from '../../../ui/ReasonDialog';
import { useCancelMeeting, useConvene } from '../api/commands';
import { readiness } from '../logic/readiness';
import type { Meeting } from '../types';
import { EditMeeting } from './EditMeeting';

interface Props {
  meeting: Meeting;
  reading: boolean;
  /** Changes between preparing and reading; only for organisers. */
  onRead: (() => void) | undefined;
}

type Open = 'edit' | 'convene' | 'cancel' | 'lines' | null;

/** What an organiser does with the meeting as a whole. */
export function MeetingActions({ meeting, reading, onRead }: Props) {
  const { t } = useTranslation(['meeting', 'line']);
  const [open, setOpen] = useState<Open>(null);
  const close = () => setOpen(null);
  const can = (act: Meeting['can'][number]) => meeting.can.includes(act);
  const menu = (can('change') && !reading) || can('cancel');
  return (
    <>
      {onRead && (
        <Button
          variant="default"
          leftSection={reading ? <IconListDetails size={17} aria-hidden /> : <IconEye size={17} aria-hidden />}
          onClick={onRead}
        >
          {t(reading ? 'page.toPrepare' : 'page.toRead')}
        </Button>
      )}
      {meeting.online && can('lead_floor') && (meeting.state === 'convened' || meeting.state === 'live') && (
        <Button
          variant="default"
          leftSection={<IconAntennaBars5 size={17} aria-hidden />}
          onClick={() => setOpen('lines')}
        >
          {t('line:table.title')}
        </Button>
      )}
      {can('convene') && (
        <Button leftSection={<IconSend size={17} aria-hidden />} onClick={() => setOpen('convene')}>
          {t('convene.verb', { n: meeting.invitations.length })}
        </Button>
      )}
      {menu && (
        <Menu position="bottom-end" width={230}>
          <Menu.Target>
            <ActionIcon size={36} variant="default" aria-label={t('page.menu')}>
              <IconDotsVertical size={18} aria-hidden />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            {can('change') && (
              <Menu.Item leftSection={<IconPencil size={16} aria-hidden />} onClick={() => setOpen('edit')}>
                {t('edit.open')}
              </Menu.Item>
            )}
            {can('cancel') && (
              <Menu.Item
                color="var(--red)"
                leftSection={<IconX size={16} aria-hidden />}
                onClick={() => setOpen('cancel')}
              >
                {t('cancel.verb')}
              </Menu.Item>
            )}
          </Menu.Dropdown>
        </Menu>
      )}
      <LinesDrawer meetingId={meeting.id} opened={open === 'lines'} onClose={close} />
      {open === 'edit' && <EditMeeting meeting={meeting} onClose={close} />}
      <Convene meeting={meeting} opened={open === 'convene'} onClose={close} />
      {open === 'cancel' && <Cancel meeting={meeting} onClose={close} />}
    </>
  );
}

function Convene({ meeting, opened, onClose }: { meeting: Meeting; opened: boolean; onClose: () => void }) {
  const { t } = useTranslation('meeting');
  const convene = useConvene(meeting.id, onClose);
  const open = readiness(meeting).filter((step) => step.tone === 'act' && step.step !== 'invitations');
  return (
    <ConfirmDialog
      opened={opened}
      title={t('convene.title')}
      verb={t('convene.confirm')}
      pending={convene.isPending}
      error={convene.error}
      onClose={onClose}
      onConfirm={() => convene.mutate(meeting.version)}
    >
      <p>{t('convene.text', { n: meeting.invitations.length, title: meeting.title })}</p>
      {open.length > 0 && (
        <p style={{ color: 'var(--amber)' }}>
          {t('convene.missing')}{' '}
          {open.map((step) => `${t(`ready.step.${step.step}`)}: ${t(`ready.${step.key}`, step.values)}`).join('; ')}.
        </p>
      )}
    </ConfirmDialog>
  );
}

function Cancel({ meeting, onClose }: { meeting: Meeting; onClose: () => void }) {
  const { t } = useTranslation('meeting');
  const cancel = useCancelMeeting(meeting.id, onClose);
  return (
    <ReasonDialog
      opened
      danger
      title={t('cancel.title')}
      label={t('cancel.reason')}
      verb={t('cancel.verb')}
      pending={cancel.isPending}
      error={cancel.error}
      onClose={onClose}
      onSubmit={(reason) => cancel.mutate(reason)}
    >
      <p>{t(meeting.state === 'draft' ? 'cancel.textDraft' : 'cancel.text', { n: meeting.invitations.length })}</p>
    </ReasonDialog>
  );
}
