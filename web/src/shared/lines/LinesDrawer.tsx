import { Button, Drawer, TextInput } from '@mantine/core';
import { IconDownload, IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { clock } from '../../lib/dates';
import { EmptyState } from '../../ui/EmptyState';
import { QueryState } from '../../ui/QueryState';
import { linesQuery, type MeetingLines } from './api';
import classes from './Lines.module.css';
import { LinesTable } from './LinesTable';
import { arrange, cells, columns, count, csv } from './lines';

interface Props {
  meetingId: string;
  opened: boolean;
  onClose: () => void;
}

/** How everybody's line is, for those who run the meeting; read anew while it is open. */
export function LinesDrawer({ meetingId, opened, onClose }: Props) {
  const { t } = useTranslation('line');
  return (
    <Drawer
      opened={opened}
      onClose={onClose}
      position="right"
      size="min(1180px, 100vw)"
      title={t('table.title')}
      closeButtonProps={{ 'aria-label': t('common:action.close') }}
    >
      {opened && <Lines meetingId={meetingId} />}
    </Drawer>
  );
}

function Lines({ meetingId }: { meetingId: string }) {
  const { t } = useTranslation('line');
  const [query, setQuery] = useState('');
  const lines = useQuery(linesQuery(meetingId));
  if (!lines.data) return <QueryState query={lines} rows={8} />;
  const { where, items, measured_at } = lines.data;
  if (where === 'elsewhere') return <EmptyState title={t('table.elsewhere')} text={t('table.elsewhereHint')} />;
  const shown = arrange(items, query);
  const { here, bad, absent } = count(items);
  return (
    <div className={classes['lines']} data-testid="lines">
      <div className={classes['bar']}>
        <TextInput
          className={classes['search'] ?? ''}
          leftSection={<IconSearch size={16} aria-hidden />}
          placeholder={t('table.search')}
          aria-label={t('table.search')}
          value={query}
          onChange={(event) => setQuery(event.currentTarget.value)}
        />
        <Button
          variant="default"
          leftSection={<IconDownload size={16} aria-hidden />}
          onClick={() => save(shown, measured_at, (key) => t(key))}
        >
          {t('table.export')}
        </Button>
      </div>
      <p className={classes['count']} role="status">
        {t('table.count', { here, bad, absent })}{' '}
        {lines.isError ? t('table.stale', { at: clock(measured_at) }) : t('table.fresh')}
      </p>
      {shown.length > 0 ? <LinesTable lines={shown} /> : <EmptyState title={t('table.none')} filtered />}
    </div>
  );
}

function save(lines: MeetingLines['items'], at: string, say: (key: string) => string): void {
  const text = csv(
    columns.map((name) => say(`file.${name}`)),
    lines.map((line) => cells(line, (kind, value) => say(`${kind}.${value}`))),
  );
  const url = URL.createObjectURL(new Blob([text], { type: 'text/csv;charset=utf-8' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = `chat-luong-diem-cau-${at.slice(0, 16).replace(/[:T]/g, '-')}.csv`;
  link.click();
  URL.revokeObjectURL(url);
}
