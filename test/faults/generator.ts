import { setTimeout as sleep } from 'node:timers/promises'
import { perform, type Tokens } from './client.ts'
import type { Entry, Operation, Outcome } from './history.ts'

/** Numbers from 0 to 1, the same ones for the same seed (mulberry32). */
export type Random = () => number

export interface Load {
  history: Entry[]
  /** Waits for so many more outcomes of this kind. */
  more(outcome: Outcome, count?: number): Promise<void>
  /** Waits for so many more answers that the service is not available; what is refused otherwise shows no fault. */
  moreUnavailable(count?: number): Promise<void>
  /** Milliseconds from `since` until what was sent after it first succeeded. */
  firstSuccess(since: number): Promise<number>
  stop(): Promise<readonly Entry[]>
}

interface Actor {
  number: number
  random: Random
  email?: string
  tokens?: Tokens | undefined
  /** What others may register with; unknown when its last change is. */
  code?: string | undefined
  count: number
}

/**
 * Several clients, each with one thing under way, that do what `seed` draws until they are stopped, and write
 * down what became of it. They register, also by each other's codes, sign in, refresh, make, replace and
 * retire codes and read; half of what may carry an `Idempotency-Key` does.
 */
export function startLoad(address: string, seed: number, clients = 6): Load {
  const history: Entry[] = []
  const actors = Array.from({ length: clients }, (_, number): Actor => {
    return { number, random: randomOf(seed * 1000 + number), count: 0 }
  })
  const stopping = new AbortController()
  const act = async (actor: Actor) => {
    while (!stopping.signal.aborted) {
      const operation = draw(actor, actors, seed)
      const { number, tokens } = actor
      const entry = await perform(address, { actor: number, operation, tokens })
      history.push(entry)
      learn(actor, entry)
      if (entry.outcome !== 'ok') await sleep(20)
    }
  }
  const running = Promise.all(actors.map(act))
  const moreOf = async (which: (entry: Entry) => boolean, more: number) => {
    const count = () => history.filter(which).length
    const wanted = count() + more
    while (count() < wanted) await sleep(10)
  }
  return {
    history,
    more: (outcome, more = 1) => moreOf((entry) => entry.outcome === outcome, more),
    moreUnavailable: (more = 1) => moreOf(({ status }) => status === 503, more),
    async firstSuccess(since) {
      for (;;) {
        const ends = history
          .filter(({ outcome, at, ms }) => outcome === 'ok' && at + ms > since)
          .map(({ at, ms }) => at + ms - since)
        if (ends.length > 0) return Math.min(...ends)
        await sleep(10)
      }
    },
    async stop() {
      stopping.abort()
      await running
      return history
    },
  }
}

/** The randomness of a seed, for whatever a test draws itself. */
export function randomOf(seed: number): Random {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

function draw(actor: Actor, actors: readonly Actor[], seed: number): Operation {
  const { random, email, tokens } = actor
  const name = `s${seed}-a${actor.number}-${actor.count++}`
  const key = random() < 0.5 ? `key-${name}` : undefined
  if (email === undefined) return { kind: 'register', email: `${name}@example.com`, key }
  if (tokens === undefined) return { kind: 'sign_in', email, agent: name }
  const chance = random()
  if (chance < 0.3) {
    const code = actors[Math.floor(random() * actors.length)]!.code
    return { kind: 'register', email: `${name}@example.com`, code, key }
  }
  if (chance < 0.45) return { kind: 'replace_code', code: name.toUpperCase() }
  if (chance < 0.55 && actor.code === undefined)
    return { kind: 'create_code', code: name.toUpperCase(), key }
  if (chance < 0.6 && actor.code !== undefined) return { kind: 'retire_code', code: actor.code }
  if (chance < 0.7) return { kind: 'sign_in', email, agent: name }
  return chance < 0.8 ? { kind: 'refresh', session: sessionOf(tokens) } : { kind: 'read' }
}

function learn(actor: Actor, { operation, outcome, status, body }: Entry): void {
  if (outcome === 'unknown' && operation.kind.endsWith('_code')) actor.code = undefined
  // Signed out: what a lost refresh was answered may be found out too late.
  const refused = operation.kind === 'refresh' && status === 400
  if (refused || (status === 401 && operation.kind !== 'sign_in')) actor.tokens = undefined
  if (outcome !== 'ok') return
  if (operation.kind === 'register') actor.email ??= operation.email
  if (operation.kind === 'sign_in' || operation.kind === 'refresh') {
    actor.tokens = body as unknown as Tokens
  }
  if (operation.kind === 'create_code' || operation.kind === 'replace_code') {
    actor.code = operation.code
  }
  if (operation.kind === 'retire_code') actor.code = undefined
}

/** The session that a refresh token belongs to, as the token writes it. */
export const sessionOf = ({ refresh_token }: Tokens): string => refresh_token.split('.')[0]!
