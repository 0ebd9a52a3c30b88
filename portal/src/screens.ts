import { type ComponentType, lazy, type LazyExoticComponent } from 'react'
import type { PORTAL_PATHS } from '../../src/http/portal-paths.ts'

export interface Screen {
  path: (typeof PORTAL_PATHS)[number]
  access: 'public' | 'user' | 'admin'
  Component: LazyExoticComponent<ComponentType>
}

/** Every screen by its path. Each is a file of its own, loaded when it is shown. */
export const SCREENS: Screen[] = [
  screen('/join', 'public', () => import('./public/join.tsx').then((m) => m.Join)),
  screen('/join/:code', 'public', () => import('./public/join.tsx').then((m) => m.Join)),
  screen('/login', 'public', () => import('./public/login.tsx').then((m) => m.Login)),
  screen('/forgot', 'public', () => import('./public/forgot.tsx').then((m) => m.Forgot)),
  screen('/reset', 'public', () => import('./public/set-password.tsx').then((m) => m.Reset)),
  screen('/invite', 'public', () => import('./public/set-password.tsx').then((m) => m.Invite)),
  screen('/verify', 'public', () => import('./public/verify.tsx').then((m) => m.Verify)),
  screen('/setup', 'public', () => import('./public/setup.tsx').then((m) => m.Setup)),
  screen('/', 'user', () => import('./referrer/home.tsx').then((m) => m.Home)),
  screen('/referrals', 'user', () => import('./referrer/referrals.tsx').then((m) => m.Referrals)),
  screen('/account', 'user', () => import('./referrer/account.tsx').then((m) => m.Account)),
  screen('/goodbye', 'public', () => import('./referrer/goodbye.tsx').then((m) => m.Goodbye)),
  screen('/admin', 'admin', () => import('./admin/overview.tsx').then((m) => m.Overview)),
  screen('/admin/users', 'admin', () => import('./admin/users.tsx').then((m) => m.Users)),
  screen('/admin/users/:user_id', 'admin', () => import('./admin/user.tsx').then((m) => m.User)),
  screen('/admin/codes', 'admin', () => import('./admin/codes.tsx').then((m) => m.Codes)),
  screen('/admin/referrals', 'admin', () =>
    import('./admin/referrals.tsx').then((m) => m.AllReferrals),
  ),
  screen('/admin/audit', 'admin', () => import('./admin/audit.tsx').then((m) => m.Audit)),
  screen('/admin/system', 'admin', () => import('./admin/system.tsx').then((m) => m.System)),
]

function screen(
  path: Screen['path'],
  access: Screen['access'],
  load: () => Promise<ComponentType>,
): Screen {
  return { path, access, Component: lazy(async () => ({ default: await load() })) }
}
