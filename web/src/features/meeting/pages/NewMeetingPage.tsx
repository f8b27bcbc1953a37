import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { PageHeader } from '../../../ui/PageHeader';

/** Form of a new meeting. */
export function NewMeetingPage(): ReactElement {
  const { t } = useTranslation();
  return <PageHeader title={t('nav.meetings')} />;
}
