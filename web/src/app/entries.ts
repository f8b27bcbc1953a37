import {
  IconInbox,
  IconLayoutList,
  IconSend,
  IconSettings,
  IconShieldCheck,
  IconUsersGroup,
  type TablerIcon,
} from '@tabler/icons-react';
import type { Me } from '../session/me';

/** One entry of the navigation. */
export interface Entry {
  to:
    | '/'
    | '/van-ban-den'
    | '/van-ban-di'
    | '/cuoc-hop'
    | '/kiem-tra-chu-ky'
    | '/quan-tri/co-quan'
    | '/quan-tri/nhat-ky';
  /** Texts `nav.<key>` and, on phones, `nav.short.<key>`. */
  key: 'work' | 'incoming' | 'outgoing' | 'meetings' | 'check' | 'admin';
  icon: TablerIcon;
}

/** Entries that the appointment may open, in their fixed order. */
export function entriesFor(me: Me | undefined): Entry[] {
  const roles = me?.current?.roles ?? [];
  const entries: Entry[] = [
    { to: '/', key: 'work', icon: IconLayoutList },
    { to: '/van-ban-den', key: 'incoming', icon: IconInbox },
    { to: '/van-ban-di', key: 'outgoing', icon: IconSend },
    { to: '/cuoc-hop', key: 'meetings', icon: IconUsersGroup },
    { to: '/kiem-tra-chu-ky', key: 'check', icon: IconShieldCheck },
  ];
  if (roles.includes('agency_admin') || roles.includes('system_admin')) {
    entries.push({ to: '/quan-tri/co-quan', key: 'admin', icon: IconSettings });
  } else if (roles.includes('auditor')) {
    entries.push({ to: '/quan-tri/nhat-ky', key: 'admin', icon: IconSettings });
  }
  return entries;
}
