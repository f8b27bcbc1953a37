import { Group, NumberInput, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { FormDialog } from '../../../ui/FormDialog';
import { useAddItem, useChangeItem } from '../api/commands';
import type { AgendaItem } from '../types';

interface Props {
  meetingId: string;
  /** The item to change; null to add one. */
  item: AgendaItem | null;
  opened: boolean;
  onClose: () => void;
}

/** Adds or changes one agenda item. */
export function ItemModal(props: Props) {
  // A new key for each item: the form begins with that item's values.
  return <ItemForm key={`${props.item?.id ?? 'new'}-${props.opened}`} {...props} />;
}

function ItemForm({ meetingId, item, opened, onClose }: Props) {
  const { t } = useTranslation('meeting');
  const [title, setTitle] = useState(item?.title ?? '');
  const [minutes, setMinutes] = useState<number | string>(item?.minutes ?? 15);
  const [presenter, setPresenter] = useState(item?.presenter ?? '');
  const add = useAddItem(meetingId, onClose);
  const change = useChangeItem(item?.id ?? '', onClose);
  const command = item ? change : add;
  return (
    <FormDialog
      opened={opened}
      onClose={onClose}
      title={item ? t('agenda.editTitle') : t('agenda.addTitle')}
      verb={item ? t('agenda.save') : t('agenda.add')}
      pending={command.isPending}
      disabled={title.trim() === '' || minutes === ''}
      error={command.error}
      onSubmit={() => command.mutate({ title: title.trim(), minutes: Number(minutes), presenter: presenter.trim() })}
    >
      <TextInput
        label={t('agenda.itemTitle')}
        required
        maxLength={500}
        data-autofocus
        value={title}
        onChange={(event) => setTitle(event.currentTarget.value)}
      />
      <Group gap="md" align="flex-start" wrap="nowrap">
        <NumberInput
          label={t('agenda.itemMinutes')}
          required
          min={0}
          max={600}
          step={5}
          allowDecimal={false}
          value={minutes}
          onChange={setMinutes}
        />
        <TextInput
          label={t('agenda.itemPresenter')}
          maxLength={200}
          flex={1}
          value={presenter}
          onChange={(event) => setPresenter(event.currentTarget.value)}
        />
      </Group>
    </FormDialog>
  );
}
