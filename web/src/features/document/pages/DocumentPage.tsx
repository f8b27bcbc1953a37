import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { PageHeader } from '../../../ui/PageHeader';

/** One document. */
export function DocumentPage(): ReactElement {
  const { t } = useTranslation();
  return <PageHeader title={t('nav.outgoing')} />;
}
