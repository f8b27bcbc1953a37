import type { QueryClient } from '@tanstack/react-query';
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from '@tanstack/react-router';
import { asApiError } from '../api/problem';
import { type Me, meQuery } from '../session/me';
import { Crash, NotFound, RootFrame } from './RootFrame';

interface Context {
  queryClient: QueryClient;
}

const rootRoute = createRootRouteWithContext<Context>()({
  component: RootFrame,
  notFoundComponent: NotFound,
  errorComponent: Crash,
});

/** Where a person goes after the sign-in; only addresses of our own pages. */
function nextOf(search: Record<string, unknown>): { next?: string } {
  const { next } = search;
  return typeof next === 'string' && /^\/(?!\/)/.test(next) ? { next } : {};
}

/** The signed-in person, or null. Other failures are told by the page. */
async function whoAmI(queryClient: QueryClient): Promise<Me | null> {
  try {
    return await queryClient.ensureQueryData(meQuery);
  } catch (error) {
    if (asApiError(error).code === 'unauthenticated') return null;
    throw error;
  }
}

const signInRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/dang-nhap',
  validateSearch: nextOf,
  component: lazyRouteComponent(() => import('../features/auth/pages/SignInPage'), 'SignInPage'),
});

/** Everything behind the sign-in. */
const sessionRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: 'session',
  beforeLoad: async ({ context, location }) => {
    const me = await whoAmI(context.queryClient);
    const next = location.pathname === '/' ? {} : { next: location.href };
    if (!me) throw redirect({ to: '/dang-nhap', search: next });
    const { pathname } = location;
    if (me.must_change_password && pathname !== '/doi-mat-khau') throw redirect({ to: '/doi-mat-khau' });
    if (!me.must_change_password && !me.current && pathname !== '/chon-chuc-vu')
      throw redirect({ to: '/chon-chuc-vu' });
  },
});

const passwordRoute = createRoute({
  getParentRoute: () => sessionRoute,
  path: '/doi-mat-khau',
  component: lazyRouteComponent(() => import('../features/auth/pages/PasswordPage'), 'PasswordPage'),
});
const appointmentRoute = createRoute({
  getParentRoute: () => sessionRoute,
  path: '/chon-chuc-vu',
  component: lazyRouteComponent(() => import('../features/auth/pages/AppointmentPage'), 'AppointmentPage'),
});

/** The meeting room fills the window and has no rail. */
const roomRoute = createRoute({
  getParentRoute: () => sessionRoute,
  path: '/cuoc-hop/$meetingId/phong',
  component: lazyRouteComponent(() => import('../features/conference/pages/RoomPage'), 'RoomPage'),
});

/** Pages in the shell: rail, header, socket. */
const shellRoute = createRoute({
  getParentRoute: () => sessionRoute,
  id: 'shell',
  component: lazyRouteComponent(() => import('./Shell'), 'Shell'),
});

const homeRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/',
  component: lazyRouteComponent(() => import('../features/inbox/pages/HomePage'), 'HomePage'),
});

/** Tabs and filters of the incoming list live in the address. */
export interface IncomingSearch {
  tab?: 'waiting' | 'accepted' | 'refused' | 'all' | undefined;
  urgency?: number | undefined;
  sender?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
}
function incomingSearch(raw: Record<string, unknown>): IncomingSearch {
  const search: IncomingSearch = {};
  const tab = (['waiting', 'accepted', 'refused', 'all'] as const).find((value) => value === raw['tab']);
  if (tab) search.tab = tab;
  const urgency = Number(raw['urgency']);
  if (raw['urgency'] !== undefined && Number.isInteger(urgency) && urgency >= 0 && urgency <= 3)
    search.urgency = urgency;
  if (typeof raw['sender'] === 'string') search.sender = raw['sender'];
  for (const key of ['from', 'to'] as const) {
    const value = raw[key];
    if (typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value)) search[key] = value;
  }
  return search;
}
const incomingRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/van-ban-den',
  validateSearch: incomingSearch,
  component: lazyRouteComponent(() => import('../features/exchange/pages/IncomingPage'), 'IncomingPage'),
});
const incomingDetailRoute = createRoute({ getParentRoute: () => incomingRoute, path: '/$deliveryId' });

/** The tab of the outgoing list lives in the address. */
export interface OutgoingSearch {
  state?: 'draft' | 'submitted' | 'signed' | 'numbered' | 'sealed' | 'released' | 'cancelled' | undefined;
}
const outgoingRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/van-ban-di',
  validateSearch: (raw: Record<string, unknown>): OutgoingSearch => {
    const states = ['draft', 'submitted', 'signed', 'numbered', 'sealed', 'released', 'cancelled'] as const;
    const state = states.find((value) => value === raw['state']);
    return state ? { state } : {};
  },
  component: lazyRouteComponent(() => import('../features/document/pages/OutgoingPage'), 'OutgoingPage'),
});
const newDocumentRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/van-ban-di/moi',
  component: lazyRouteComponent(() => import('../features/document/pages/NewDocumentPage'), 'NewDocumentPage'),
});
const newCopyRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/van-ban-di/sao',
  component: lazyRouteComponent(() => import('../features/document/pages/NewCopyPage'), 'NewCopyPage'),
});
const documentRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/van-ban-di/$documentId',
  component: lazyRouteComponent(() => import('../features/document/pages/DocumentPage'), 'DocumentPage'),
});
const changeDocumentRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/van-ban-di/$documentId/sua',
  component: lazyRouteComponent(() => import('../features/document/pages/ChangeDocumentPage'), 'ChangeDocumentPage'),
});
const layoutRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/van-ban-di/$documentId/o-ky',
  component: lazyRouteComponent(() => import('../features/document/pages/LayoutPage'), 'LayoutPage'),
});
const batchSignRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/van-ban-di/ky-nhieu',
  component: lazyRouteComponent(() => import('../features/document/pages/BatchSignPage'), 'BatchSignPage'),
});
const signRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/van-ban-di/$documentId/ky',
  component: lazyRouteComponent(() => import('../features/document/pages/SignPage'), 'SignPage'),
});

const meetingsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/cuoc-hop',
  component: lazyRouteComponent(() => import('../features/meeting/pages/MeetingListPage'), 'MeetingListPage'),
});
const newMeetingRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/cuoc-hop/moi',
  component: lazyRouteComponent(() => import('../features/meeting/pages/NewMeetingPage'), 'NewMeetingPage'),
});
/** The paper on the screen lives in the address; "read" is the organiser's look at it as the invited see it. */
export interface MeetingSearch {
  view?: 'read';
  paper?: string;
}
const meetingRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/cuoc-hop/$meetingId',
  validateSearch: (raw: Record<string, unknown>): MeetingSearch => ({
    ...(raw['view'] === 'read' ? { view: 'read' as const } : {}),
    ...(typeof raw['paper'] === 'string' ? { paper: raw['paper'] } : {}),
  }),
  component: lazyRouteComponent(() => import('../features/meeting/pages/MeetingPage'), 'MeetingPage'),
});

const agenciesRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/quan-tri/co-quan',
  component: lazyRouteComponent(() => import('../features/org/pages/AgenciesPage'), 'AgenciesPage'),
});
const agencyRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/quan-tri/co-quan/$agencyId',
  component: lazyRouteComponent(() => import('../features/org/pages/AgencyPage'), 'AgencyPage'),
});
const importRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/quan-tri/nhap-du-lieu',
  component: lazyRouteComponent(() => import('../features/org/pages/ImportPage'), 'ImportPage'),
});
const auditRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/quan-tri/nhat-ky',
  component: lazyRouteComponent(() => import('../features/audit/pages/AuditPage'), 'AuditPage'),
});

const keysRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/quan-tri/khoa-ky',
  component: lazyRouteComponent(() => import('../features/keys/pages/KeysPage'), 'KeysPage'),
});

const trustRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/quan-tri/tin-cay',
  component: lazyRouteComponent(() => import('../features/keys/pages/TrustPage'), 'TrustPage'),
});

const checksRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/kiem-tra-chu-ky',
  component: lazyRouteComponent(() => import('../features/check/pages/ChecksPage'), 'ChecksPage'),
});
const checkRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/kiem-tra-chu-ky/$checkId',
  component: lazyRouteComponent(() => import('../features/check/pages/CheckPage'), 'CheckPage'),
});

const connectionRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/kiem-tra-ket-noi',
  component: lazyRouteComponent(() => import('../features/conference/pages/ConnectionPage'), 'ConnectionPage'),
});

const accountRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/tai-khoan',
  component: lazyRouteComponent(() => import('../features/auth/pages/AccountPage'), 'AccountPage'),
});

const routeTree = rootRoute.addChildren([
  signInRoute,
  sessionRoute.addChildren([
    passwordRoute,
    appointmentRoute,
    roomRoute,
    shellRoute.addChildren([
      homeRoute,
      incomingRoute.addChildren([incomingDetailRoute]),
      outgoingRoute,
      newDocumentRoute,
      newCopyRoute,
      documentRoute,
      changeDocumentRoute,
      signRoute,
      layoutRoute,
      batchSignRoute,
      meetingsRoute,
      newMeetingRoute,
      meetingRoute,
      agenciesRoute,
      agencyRoute,
      importRoute,
      auditRoute,
      keysRoute,
      trustRoute,
      checksRoute,
      checkRoute,
      connectionRoute,
      accountRoute,
    ]),
  ]),
]);

/** Makes the router. Pages are fetched when they are first opened. */
export function makeRouter(queryClient: QueryClient) {
  return createRouter({
    routeTree,
    context: { queryClient },
    defaultPreload: 'intent',
    defaultPreloadStaleTime: 0,
    scrollRestoration: false,
    defaultErrorComponent: Crash,
  });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
