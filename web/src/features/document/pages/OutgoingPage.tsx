import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { PageHeader } from '../../../ui/PageHeader';

/** Outgoing documents. */
export function OutgoingPage(): ReactElement {
  const { t } = useTranslation();
  return <PageHeader title={t('nav.outgoing')} />;
}
