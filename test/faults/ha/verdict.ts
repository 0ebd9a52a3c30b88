import { ask, type Cluster } from './cluster.ts'
import { askThrough } from './front.ts'
import type { Load, Newcomer } from './load.ts'
import type { Machine } from './network.ts'
import type { Acknowledged } from './witness.ts'

export interface Verdict {
  /** Acknowledged by the service, and not there. */
  lost: string[]
  /** There, but more than once or as somebody else. */
  doubled: string[]
  /** Acknowledged to the witnesses at the machines, and not there. */
  witnessLost: number
}

interface Found {
  id: string
  email: string
  codes: string[]
  referred: boolean
}

/** Compares what was acknowledged with the tables; what is lost is looked for only once. */
export async function judge(
  cluster: Cluster,
  primary: Machine,
  { load, told }: { load: Load; told: Acknowledged[] },
): Promise<Verdict> {
  const acknowledged = load.newcomers.map((newcomer) => ({ ...newcomer }))
  const written = new Set(told)
  const found = await askThrough<Found>(`
    select u.id, u.email, r.user_id is not null as referred,
      array(select code from referral_codes where user_id = u.id) as codes
    from users u left join referrals r on r.user_id = u.id`)
  const byEmail = new Map(found.map((one) => [one.email, one]))
  const verdict: Verdict = { lost: [], doubled: [], witnessLost: 0 }
  for (const newcomer of acknowledged) compare(newcomer, byEmail.get(newcomer.email), verdict)
  const rows = await ask<{ id: string }>(cluster, primary, 'select id from witness')
  const ids = new Set(rows.map(({ id }) => id))
  const gone = [...written].filter(({ id }) => !ids.has(id))
  verdict.witnessLost = gone.length
  const lost = new Set(verdict.lost)
  remove(load.newcomers, ({ email }) => lost.has(email))
  remove(told, (one) => gone.includes(one))
  return verdict
}

function compare(told: Newcomer, found: Found | undefined, verdict: Verdict): void {
  const { email, id, code } = told
  const isReferred = found?.referred || email.startsWith('owner')
  const hasCode = code === undefined || found?.codes.includes(code)
  if (!found || !isReferred || !hasCode) verdict.lost.push(email)
  else if (found.id !== id || found.codes.length > 1) verdict.doubled.push(email)
}

function remove<T>(from: T[], isGone: (one: T) => boolean): void {
  from.splice(0, from.length, ...from.filter((one) => !isGone(one)))
}

/** Jobs that should have begun 15 s ago. */
export async function jobsBehind(): Promise<number> {
  const [found] = await askThrough<{ count: number }>(`
    select count(*)::int from pgboss.job where state < 'active'
      and created_on < now() - interval '15 seconds' and start_after < now() - interval '15 seconds'`)
  return found!.count
}
