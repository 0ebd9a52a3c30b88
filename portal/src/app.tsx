import { lazy, Suspense } from 'react'
import { Redirect, Route, Switch, useLocation, useSearch } from 'wouter'
import { Dialogs } from './layout/dialogs.tsx'
import { Broken } from './layout/broken.tsx'
import { NotFound } from './layout/not-found.tsx'
import { OfflineBanner } from './layout/offline-banner.tsx'
import { ScreenSkeleton } from './blocks/skeletons.tsx'
import { Toasts } from './blocks/toasts.tsx'
import { useMe } from './me.ts'
import { SCREENS, type Screen } from './screens.ts'
import { useSession } from './session.ts'

const UserFrame = lazy(async () => ({
  default: (await import('./layout/user-frame.tsx')).UserFrame,
}))

export function App() {
  return (
    <Broken>
      <OfflineBanner />
      <Switch>
        {SCREENS.map((screen) => (
          <Route key={screen.path} path={screen.path}>
            <Guarded screen={screen} />
          </Route>
        ))}
        <Route>
          <NotFound />
        </Route>
      </Switch>
      <Toasts />
      <Dialogs />
    </Broken>
  )
}

function Guarded({ screen }: { screen: Screen }) {
  const session = useSession()
  if (screen.access === 'public') return <Shown screen={screen} />
  if (session === 'out' || session === 'ended') return <ToSignIn />
  return (
    <Suspense fallback={<ScreenSkeleton />}>
      <UserFrame>
        {session === 'unknown' ? <ScreenSkeleton /> : null}
        {session === 'in' && screen.access === 'user' ? <Shown screen={screen} /> : null}
        {session === 'in' && screen.access === 'admin' ? <AdminOnly screen={screen} /> : null}
      </UserFrame>
    </Suspense>
  )
}

// On its own, so that nothing else is drawn again when only what a list is narrowed to changes.
function ToSignIn() {
  const [path] = useLocation()
  const search = useSearch()
  const here = search ? `${path}?${search}` : path
  const next = here === '/' ? '' : `?next=${encodeURIComponent(here)}`
  return <Redirect to={`/login${next}`} replace />
}

function AdminOnly({ screen }: { screen: Screen }) {
  const me = useMe()
  if (!me) return <ScreenSkeleton />
  return me.role === 'admin' ? <Shown screen={screen} /> : <NotFound inFrame />
}

function Shown({ screen: { Component } }: { screen: Screen }) {
  return (
    <Suspense fallback={<ScreenSkeleton />}>
      <Component />
    </Suspense>
  )
}
