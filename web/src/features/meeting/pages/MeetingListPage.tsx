import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { PageHeader } from '../../../ui/PageHeader';

/** Meetings of the appointment. */
export function MeetingListPage(): ReactElement {
  const { t } = useTranslation();
  return <PageHeader title={t('nav.meetings')} />;
}
