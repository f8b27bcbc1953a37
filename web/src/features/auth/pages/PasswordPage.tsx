import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { PageHeader } from '../../../ui/PageHeader';

/** Password. */
export function PasswordPage(): ReactElement {
  const { t } = useTranslation();
  return <PageHeader title={t('nav.work')} />;
}
