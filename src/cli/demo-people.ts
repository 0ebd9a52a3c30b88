import type { Batch, Row } from '../db/seed.ts'
import { foldCode } from '../lib/code-text.ts'
import { DAY, MINUTE } from '../lib/dates.ts'
import { newIdAt } from '../lib/ids.ts'
import { demoCode, demoName } from './demo-names.ts'

export const DEMO_DAYS = 90

const WITH_CODE = 0.2
const REFERRED = 0.7
const CONFIRMED = 0.85
const NAMED = 0.6
const REMEMBERED_CODES = 100_000
const VALID_DAYS = [20, 60, 120, 180, 365]

export interface Plan {
  total: number
  /** How many of them come by the code of the first person. */
  ofOne: number
  /** The last of them registered just before it. */
  now: Date
  passwordHash: string
}

export interface Person {
  id: string
  seq: number
  email: string
}

interface Code {
  owner: Person
  code: string
  row: Row<'referral_codes'>
  from: number
  until: number
}

/** People who registered one after another, ever more of them, most of them by codes valid just then. */
export interface Demo extends Plan {
  /** The first owns a code that is valid all the time, the second is an administrator. */
  first: Person[]
  codes: Code[]
  index: number
  registered: number
}

export const newDemo = (plan: Plan): Demo => ({
  ...plan,
  first: [],
  codes: [],
  index: 0,
  registered: 0,
})

/** The next people, one for each number of registration, with the codes and referrals they come with. */
export function draw(demo: Demo, seqs: number[]): Batch {
  const batch: Batch = { users: [], referral_codes: [], referrals: [] }
  for (const seq of seqs) {
    const at = nextTime(demo)
    const person = { id: newIdAt(at), seq, email: `${demoName(seq)}@example.com` }
    const code = chooseCode(demo, at)
    const confirmed = confirmation(demo, at)
    batch.users.push(userRow(demo, person, at, confirmed))
    if (code) batch.referrals.push(referralRow(person, code, at, confirmed))
    for (const made of makeCodes(demo, person, at)) {
      batch.referral_codes.push(made.row)
      remember(demo, made)
    }
    if (demo.index++ < 2) demo.first.push(person)
  }
  return batch
}

function nextTime(demo: Demo): number {
  const share = ((demo.index + Math.random()) / demo.total) ** (2 / 3)
  const time = Math.floor(demo.now.getTime() - DEMO_DAYS * DAY * (1 - share))
  demo.registered = Math.max(demo.registered + 1, time)
  return demo.registered
}

function chooseCode({ index, total, ofOne, codes }: Demo, at: number): Code | undefined {
  if (index < 2) return undefined
  // Those of the one are spread evenly over all who come after the first two.
  const due = (place: number) => Math.floor(((place - 2) * ofOne) / (total - 2))
  if (due(index + 1) > due(index)) return codes[0]
  return Math.random() < REFERRED ? popularCode(codes, at) : undefined
}

// The earlier a code, the more come by it: a few are very popular, most are not.
function popularCode(codes: Code[], at: number): Code | undefined {
  for (let tries = 0; tries < 4; tries++) {
    const code = codes[Math.floor(codes.length * Math.random() ** 2.5)]
    if (code && code.from <= at && at < code.until) return code
  }
  return undefined
}

function confirmation({ now }: Demo, at: number): Date | null {
  const confirmed = Math.floor(at + MINUTE + Math.random() ** 3 * 2 * DAY)
  return Math.random() < CONFIRMED && confirmed < now.getTime() ? new Date(confirmed) : null
}

function makeCodes({ index, now }: Demo, owner: Person, at: number): Code[] {
  if (index === 0) return [newCode(owner, { number: 0, from: at, days: 365 })]
  const from = Math.floor(at + (1 + Math.random() * 120) * MINUTE)
  if (Math.random() > WITH_CODE || from >= now.getTime()) return []
  const retired = Math.floor(from + (1 + Math.random() * 60) * DAY)
  if (Math.random() < 0.85 || retired >= now.getTime()) {
    const days = VALID_DAYS[Math.floor(Math.random() * VALID_DAYS.length)]!
    return [newCode(owner, { number: 0, from, days })]
  }
  return [
    newCode(owner, { number: 0, from, days: 180, retired }),
    newCode(owner, { number: 1, from: retired, days: 180 }),
  ]
}

function newCode(
  owner: Person,
  { number, from, days, retired }: { number: 0 | 1; from: number; days: number; retired?: number },
): Code {
  const code = demoCode(2 * owner.seq + number)
  const row = {
    id: newIdAt(from),
    user_id: owner.id,
    code,
    code_key: foldCode(code),
    created_at: new Date(from),
    expires_at: new Date(from + days * DAY),
    expiry_set_at: new Date(from),
    retired_at: retired === undefined ? null : new Date(retired),
  }
  return { owner, code, row, from, until: retired ?? from + days * DAY }
}

function remember({ codes }: Demo, code: Code): void {
  if (codes.length < REMEMBERED_CODES) codes.push(code)
  else codes[1 + Math.floor(Math.random() * (codes.length - 1))] = code
}

function userRow(
  { index, passwordHash }: Demo,
  { id, seq, email }: Person,
  at: number,
  confirmed: Date | null,
): Row<'users'> {
  const username = index < 2 || Math.random() < NAMED ? demoName(seq) : null
  return {
    id,
    seq,
    email,
    email_key: email,
    username,
    username_key: username,
    password_hash: passwordHash,
    role: index === 1 ? 'admin' : 'user',
    locale: seq % 4 === 0 ? 'ru' : 'en',
    email_verified_at: confirmed,
    created_at: new Date(at),
  }
}

function referralRow(
  { id, seq }: Person,
  { owner, row }: Code,
  at: number,
  confirmed: Date | null,
): Row<'referrals'> {
  return {
    user_id: id,
    user_seq: seq,
    referrer_id: owner.id,
    referrer_seq: owner.seq,
    code_id: row.id,
    code_expires_at: row.expires_at,
    attributed_at: new Date(at),
    status: confirmed ? 'confirmed' : 'pending',
    confirmed_at: confirmed,
  }
}
