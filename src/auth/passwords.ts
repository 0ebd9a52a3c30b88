import { availableParallelism } from 'node:os'
import { hash, verify } from '@node-rs/argon2'
import { dictionary } from '@zxcvbn-ts/language-common'
import pLimit from 'p-limit'
import { AppError } from '../errors.ts'
import { randomSecret } from '../lib/secrets.ts'
import { letHashingGiveWay } from './hashing-threads.ts'

const PARAMETERS = { memoryCost: 19 * 1024, timeCost: 2, parallelism: 1 }
const CURRENT = '$argon2id$v=19$m=19456,t=2,p=1$'
const WAITING_MAX = 32

// The package's list of 49,000 texts and a set of it take 3 MB, one text takes 0.4; looking through it takes a hundredth
// of the time that the password's hash does.
const common = ['', ...dictionary['passwords-common'].splice(0), ''].join('\n')
const limit = pLimit(availableParallelism())
let begun = 0
const decoy = makeDecoy()

/** Where several processes share the cores, each hashes at most its part of them at once. */
export function shareCores(processes: number): void {
  limit.concurrency = Math.max(1, Math.floor(availableParallelism() / processes))
}

/** Hashes under way, waiting, and begun since start, for the metrics. */
export const hashing = () => ({
  active: limit.activeCount,
  waiting: limit.pendingCount,
  begun,
})

/** argon2id of a password, at most as many at once as there are cores; throws `overloaded`. */
export const hashPassword = (password: string): Promise<string> =>
  queued(() => hash(password, PARAMETERS))

/**
 * Whether the password belongs to the hash. Without a hash the same work is done on a decoy, so that
 * the time tells nothing about whether an account exists.
 */
export function verifyPassword(passwordHash: string | null | undefined, password: string) {
  return queued(
    async () => (await verify(passwordHash ?? (await decoy), password)) && !!passwordHash,
  )
}

async function makeDecoy(): Promise<string> {
  const made = await hash(randomSecret(), PARAMETERS)
  letHashingGiveWay()
  return made
}

/** Whether the hash was made with weaker parameters than those of today. */
export const isOutdated = (passwordHash: string): boolean => !passwordHash.startsWith(CURRENT)

/** Throws `weak_password` for a common password or one made of the person's or the product's name. */
export function refuseWeakPassword(
  password: string,
  personal: (string | null | undefined)[],
  pointer: string,
): void {
  const text = password.toLowerCase()
  const names = [...personal, 'invitree'].flatMap((name) => partsOf(name ?? ''))
  // What is left when the names are taken out must still be a password of some length.
  const rest = names.reduce((left, name) => left.replaceAll(name, ''), text)
  const weak =
    common.includes(`\n${text}\n`) || (rest.length < 5 && rest !== text) || new Set(text).size < 4
  if (weak || !fits(password)) throw new AppError('weak_password', { pointer })
}

// The schemas say so for requests; the administrator of the configuration comes without one.
function fits(password: string): boolean {
  const characters = Array.from(password).length
  return characters >= 8 && characters <= 128
}

function partsOf(name: string): string[] {
  const whole = name.toLowerCase()
  return [whole, ...whole.split(/[@._+-]/)].filter((part) => part.length >= 4)
}

/** Throws `overloaded` while nothing more may wait for its hash: best asked before anything is done for a request. */
export function refuseWhenFull(): void {
  if (limit.pendingCount >= WAITING_MAX) throw new AppError('overloaded')
}

async function queued<T>(work: () => Promise<T>): Promise<T> {
  refuseWhenFull()
  begun++
  return limit(work)
}
