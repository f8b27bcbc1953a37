import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { PageHeader } from '../../../ui/PageHeader';

/** Appointment. */
export function AppointmentPage(): ReactElement {
  const { t } = useTranslation();
  return <PageHeader title={t('nav.work')} />;
}
