import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { PageHeader } from '../../../ui/PageHeader';

/** Incoming documents. */
export function IncomingPage(): ReactElement {
  const { t } = useTranslation();
  return <PageHeader title={t('nav.incoming')} />;
}
