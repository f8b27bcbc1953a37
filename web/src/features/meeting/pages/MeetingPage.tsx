import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { PageHeader } from '../../../ui/PageHeader';

/** One meeting. */
export function MeetingPage(): ReactElement {
  const { t } = useTranslation();
  return <PageHeader title={t('nav.meetings')} />;
}
