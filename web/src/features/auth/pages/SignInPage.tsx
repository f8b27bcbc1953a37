import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { PageHeader } from '../../../ui/PageHeader';

/** Sign-in. */
export function SignInPage(): ReactElement {
  const { t } = useTranslation();
  return <PageHeader title={t('nav.work')} />;
}
