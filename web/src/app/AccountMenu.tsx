import { Avatar, Menu, SegmentedControl, UnstyledButton, useMantineColorScheme } from '@mantine/core';
import { IconCheck, IconChevronDown, IconDevices, IconLogout, IconSettings, IconWifi } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { chooseLanguage, type Language, languages } from '../i18n';
import { initials } from '../lib/names';
import { useMe } from '../session/me';
import { useChooseAppointment, useSignOut } from '../session/session';
import { chooseFontSize, type FontSize, fontSize, fontSizes } from '../session/settings';
import styles from './AccountMenu.module.css';
import { entriesFor } from './entries';

/** Who is signed in and as what; settings of this browser; the way out. */
export function AccountMenu(): ReactElement | null {
  const { t } = useTranslation();
  const me = useMe();
  const choose = useChooseAppointment();
  const signOut = useSignOut();
  if (!me) return null;
  const others = (me.appointments ?? []).filter((a) => a.id !== me.current?.id);
  const admin = entriesFor(me).find((entry) => entry.key === 'admin');
  return (
    <Menu position="bottom-end" width={320} keepMounted={false}>
      <Menu.Target>
        <UnstyledButton className={styles['person']} aria-label={t('account.menu', { name: me.person.full_name })}>
          <Avatar className={styles['avatar']} size={34} radius="50%" aria-hidden="true">
            {initials(me.person.full_name)}
          </Avatar>
          <span className={styles['names']}>
            <span className={styles['name']}>{me.person.full_name}</span>
            <span className={styles['post']}>
              {me.current ? `${me.current.position} · ${me.current.agency_short_name || me.current.agency_name}` : ''}
            </span>
          </span>
          <IconChevronDown className={styles['chevron']} size={16} aria-hidden="true" />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <div className={styles['head']}>
          <strong>{me.person.full_name}</strong>
          {me.current && (
            <span>
              {me.current.position}, {me.current.agency_name}
            </span>
          )}
        </div>
        {others.length > 0 && (
          <>
            <Menu.Divider />
            <Menu.Label>{t('account.actAs')}</Menu.Label>
            {me.current && (
              <Menu.Item leftSection={<IconCheck size={16} />} disabled>
                {me.current.position} · {me.current.agency_short_name || me.current.agency_name}
              </Menu.Item>
            )}
            {others.map((a) => (
              <Menu.Item
                key={a.id}
                leftSection={<span className={styles['noIcon']} />}
                onClick={() => choose.mutate(a.id)}
              >
                {a.position} · {a.agency_short_name || a.agency_name}
              </Menu.Item>
            ))}
          </>
        )}
        <Menu.Divider />
        <BrowserSettings />
        <Menu.Divider />
        {admin && (
          <Menu.Item
            className={styles['phoneOnly'] ?? ''}
            leftSection={<IconSettings size={17} />}
            renderRoot={(props) => <Link to={admin.to} {...props} />}
          >
            {t('nav.admin')}
          </Menu.Item>
        )}
        <Menu.Item leftSection={<IconDevices size={17} />} renderRoot={(props) => <Link to="/tai-khoan" {...props} />}>
          {t('account.mine')}
        </Menu.Item>
        <Menu.Item
          leftSection={<IconWifi size={17} />}
          renderRoot={(props) => <Link to="/kiem-tra-ket-noi" {...props} />}
        >
          {t('account.connection')}
        </Menu.Item>
        <Menu.Item leftSection={<IconLogout size={17} />} onClick={() => signOut.mutate()}>
          {t('account.signOut')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

/** Language, colour scheme and size of text: kept in this browser. */
export function BrowserSettings(): ReactElement {
  const { t, i18n } = useTranslation();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const [size, setSize] = useState<FontSize>(fontSize);
  return (
    <div className={styles['settings']}>
      <Setting label={t('account.language')}>
        <SegmentedControl
          size="xs"
          aria-label={t('account.language')}
          value={i18n.language}
          onChange={(value) => void chooseLanguage(value as Language)}
          data={languages.map((value) => ({ value, label: t(`account.languages.${value}`) }))}
        />
      </Setting>
      <Setting label={t('account.scheme')}>
        <SegmentedControl
          size="xs"
          aria-label={t('account.scheme')}
          value={colorScheme}
          onChange={(value) => setColorScheme(value as 'light' | 'dark' | 'auto')}
          data={(['light', 'dark', 'auto'] as const).map((value) => ({ value, label: t(`account.schemes.${value}`) }))}
        />
      </Setting>
      <Setting label={t('account.fontSize')}>
        <SegmentedControl
          size="xs"
          aria-label={t('account.fontSize')}
          value={size}
          onChange={(value) => {
            chooseFontSize(value as FontSize);
            setSize(value as FontSize);
          }}
          data={fontSizes.map((value) => ({ value, label: `${value}%` }))}
        />
      </Setting>
    </div>
  );
}

function Setting({ label, children }: { label: string; children: ReactElement }): ReactElement {
  return (
    <div className={styles['setting']}>
      <span>{label}</span>
      {children}
    </div>
  );
}
