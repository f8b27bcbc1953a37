import { TextInput, UnstyledButton } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { matches } from '../../../lib/names';
import type { DemoAccount } from '../api/auth';
import styles from './SignIn.module.css';

interface Props {
  accounts: DemoAccount[];
  onPick: (account: DemoAccount) => void;
}

/** Accounts of a trial installation: picking one fills the form. Never there in a real one. */
export function DemoAccounts({ accounts, onPick }: Props): ReactElement {
  const { t } = useTranslation('auth');
  const [query, setQuery] = useState('');
  const found = accounts.filter((a) => matches(`${a.full_name} ${a.position} ${a.agency_name} ${a.username}`, query));
  return (
    <section className={styles['demo']} aria-labelledby="demo-title">
      <h2 id="demo-title" className={styles['demoTitle']}>
        {t('demo.title')}
      </h2>
      <p className={styles['demoText']}>{t('demo.text')}</p>
      {accounts.length > 8 && (
        <TextInput
          aria-label={t('demo.search')}
          placeholder={t('demo.search')}
          leftSection={<IconSearch size={16} />}
          value={query}
          onChange={(event) => setQuery(event.currentTarget.value)}
        />
      )}
      <ul className={styles['accounts']}>
        {found.map((account) => (
          <li key={account.username}>
            <UnstyledButton
              className={styles['account']}
              aria-label={t('demo.pick', {
                name: account.full_name,
                position: account.position,
                agency: account.agency_name,
              })}
              onClick={() => onPick(account)}
            >
              <span className={styles['accountName']}>{account.full_name}</span>
              <span className={styles['accountUser']}>{account.username}</span>
              <span className={styles['accountPost']}>
                {account.position} · {account.agency_name}
              </span>
            </UnstyledButton>
          </li>
        ))}
      </ul>
    </section>
  );
}
