import { IconLockOpen } from '@tabler/icons-react';
import type { ReactElement } from 'react';
import { Trans, useTranslation } from 'react-i18next';
import { Note } from '../../../ui/Note';

/** Plain HTTP from another machine: what will not work, and how to mend it. */
export function InsecureNote(): ReactElement {
  const { t } = useTranslation('auth');
  return (
    <Note tone="amber" icon={IconLockOpen}>
      <Trans t={t} i18nKey="signIn.insecure" components={{ b: <strong />, code: <code /> }} />
    </Note>
  );
}
