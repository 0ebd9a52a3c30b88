import { useSyncExternalStore } from 'react'
import type { AccessToken } from './api/client.gen.ts'
import { readProblem } from './api/problem.ts'
import { currentLocale, keepItem, readItem } from './language.ts'

/**
 * `unknown` until the cookie was tried. `out` says why: by oneself, or because the session ended.
 * The access token is kept here alone, never in storage.
 */
export type SessionState = 'unknown' | 'in' | 'out' | 'ended'

const ADDRESS = '/api/v1/auth/session'
// Scripts cannot see the cookie: this says whether asking for a token has a chance. It opens nothing.
const HINT = 'invitree.signed-in'
const tabs = typeof BroadcastChannel === 'undefined' ? undefined : new BroadcastChannel('invitree')
const listeners = new Set<() => void>()

/** What is still to be sent before somebody is signed out. */
export const lastActs = new Set<() => Promise<unknown>>()

let token: string | undefined
let state: SessionState = readItem(HINT) ? 'unknown' : 'out'
let refreshing: Promise<boolean> | undefined

export const accessToken = () => token
export const sessionState = () => state

export const useSession = (): SessionState => useSyncExternalStore(subscribe, sessionState)

/** Whether the person signed in is an administrator, as the token says; the API decides by itself. */
export const isAdmin = () => (token ? scopeOf(token).includes('admin') : false)

/** Signs in; throws a `Problem`. */
export async function signIn(login: string, password: string): Promise<void> {
  const name = login.includes('@') ? 'email' : 'username'
  const response = await send('POST', { [name]: login, password })
  if (!response.ok) throw await readProblem(response)
  begin(await response.json())
}

/** Ends the session, here and in all tabs. What cannot reach the service is forgotten here all the same. */
export async function signOut(): Promise<void> {
  await Promise.allSettled([...lastActs].map((act) => act()))
  await send('DELETE').catch(() => undefined)
  end('out')
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel has no other origin
  tabs?.postMessage('out')
}

/**
 * Gets a new access token by the cookie unless `spent` was replaced meanwhile; false says that the session
 * has ended. One tab at a time asks, so that no tab spends a token that another is just changing.
 */
export function refreshSession(spent?: string): Promise<boolean> {
  if (spent !== undefined && token !== undefined && token !== spent) return Promise.resolve(true)
  refreshing ??= inTurn(refresh).finally(() => (refreshing = undefined))
  return refreshing
}

const inTurn = <T>(work: () => Promise<T>): Promise<T> =>
  'locks' in navigator ? navigator.locks.request('invitree-session', work) : work()

async function refresh(): Promise<boolean> {
  const response = await send('PUT').catch(() => undefined)
  if (response?.ok) {
    begin(await response.json())
    return true
  }
  // Only a clear refusal ends the session: a service that is away comes back.
  if (response?.status === 401 || response?.status === 403) end('ended')
  else if (state === 'unknown') change('out')
  return false
}

function send(method: string, body?: object): Promise<Response> {
  return fetch(ADDRESS, {
    method,
    headers: {
      'accept-language': currentLocale(),
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
  })
}

function begin({ access_token }: AccessToken): void {
  token = access_token
  keepItem(HINT, '1')
  change('in')
}

function end(why: 'out' | 'ended'): void {
  token = undefined
  keepItem(HINT, null)
  change(why)
}

function change(to: SessionState): void {
  state = to
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void) {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

function scopeOf(jwt: string): string[] {
  const payload = jwt.split('.')[1]!.replaceAll('-', '+').replaceAll('_', '/')
  return (JSON.parse(atob(payload)) as { scope: string }).scope.split(' ')
}

tabs?.addEventListener('message', () => end('out'))
if (state === 'unknown') void refreshSession()
