import { reasonOf } from '../lib/reasons.ts'

interface Failure {
  code?: string
  constraint?: string
  message?: string
}

/** A connection was ended because the server owed an answer for too long. */
export class NoAnswer extends Error {
  override name = 'NoAnswer'

  constructor() {
    super('Connection terminated: the database owed an answer for too long')
  }
}

const LOST = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ENOENT',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  '57P01', // admin_shutdown
  '57P02', // crash_shutdown
  '57P03', // cannot_connect_now
  '08000',
  '08003',
  '08006',
])
const LOST_MESSAGE =
  /^Connection terminated|Client has encountered a connection error|^Client was closed|connection is closed|not queryable/

// Serialisation failure, deadlock.
const RACED = new Set(['40001', '40P01'])
// Too many connections, read-only server, lock or statement timeout, disk full.
const BUSY = new Set(['53300', '25006', '55P03', '57014', '53100', '53200', '25P03'])

const POOL_EXHAUSTED = /^timeout exceeded when trying to connect/
const CONNECT_TIMEOUT = 'Connection terminated due to connection timeout'

/** The connection is gone, or never was. */
export function isLost(error: unknown): boolean {
  const { code, message } = (error ?? {}) as Failure
  return LOST.has(code ?? '') || LOST_MESSAGE.test(message ?? '')
}

const isRaced = (error: unknown): boolean => RACED.has((error as Failure)?.code ?? '')

/** Trying the whole transaction again may succeed at once; what was waited for long is not waited for again. */
export function mayTryAgain(error: unknown): boolean {
  const waited = error instanceof NoAnswer || (error as Failure)?.message === CONNECT_TIMEOUT
  return isRaced(error) || (isLost(error) && !waited)
}

/** The database cannot do it now, through no fault of the request. */
export function isUnavailable(error: unknown): boolean {
  const { code, message } = (error ?? {}) as Failure
  const busy = BUSY.has(code ?? '') || POOL_EXHAUSTED.test(message ?? '')
  return busy || isLost(error) || isRaced(error)
}

const REMEDIES: Record<string, string> = {
  '28P01': 'Correct the user and the password in DATABASE_URL.',
  '28000': 'Correct the user in DATABASE_URL.',
  '3D000': 'Create that database, or correct DATABASE_URL.',
  '42501': 'Give the user of DATABASE_URL that right.',
  '08P01':
    'If DATABASE_URL leads to a pooler such as pgbouncer, set DATABASE_DIRECT_URL to the server itself.',
  '25006': 'Point DATABASE_URL at the primary server.',
  '53100': 'Free some space on the disk of the server.',
  '53300': 'Let the server take more connections, or end some of them.',
}

/** Whole sentences on what a person can mend about the server, or its address; undefined for all else. */
export function explainServer(error: unknown): string | undefined {
  if (isLost(error)) {
    return `The database does not answer: ${reasonOf(error)}. Start it, or correct DATABASE_URL.`
  }
  const remedy = REMEDIES[(error as Failure | undefined)?.code ?? '']
  return remedy && `The database refuses: ${reasonOf(error)}. ${remedy}`
}

/** The server knows no time zone of that name. */
export const isUnknownTimeZone = (error: unknown): boolean => {
  const { code, message } = (error ?? {}) as Failure
  return code === '22023' && /^time zone ".*" not recognized$/.test(message ?? '')
}

/** The constraint that a statement broke, by its name in the migrations. */
export function brokenConstraint(error: unknown): string | undefined {
  const { code, constraint } = (error ?? {}) as Failure
  return code?.startsWith('23') ? constraint : undefined
}

/** Runs `work`, turning a broken constraint into the refusal that `refusals` has under its name. */
export async function refusing<T>(
  refusals: Record<string, () => Error>,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw refusals[brokenConstraint(error) ?? '']?.() ?? error
  }
}
