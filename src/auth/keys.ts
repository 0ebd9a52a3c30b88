import { type CryptoKey, exportJWK, generateKeyPair, importJWK, type JWK } from 'jose'
import type { Context } from '../context.ts'
import { inTransaction } from '../context.ts'
import { SetupError } from '../errors.ts'
import { MINUTE, SECOND } from '../lib/dates.ts'
import { newId } from '../lib/ids.ts'
import { decrypt, deriveKey, encrypt } from '../lib/secrets.ts'
import * as queries from './queries.ts'

const ACTIVE_DAYS = 90
const WRONG_SECRET =
  'The secret does not belong to this database: it does not open the signing keys there. Set the APP_SECRET, or ' +
  'put back the secrets.json in DATA_DIR, that this database was served with. If it is lost, delete all rows of ' +
  'signing_keys and start again: everybody signs in anew.'

export interface KeyRing {
  active: { id: string; key: CryptoKey }
  public: Map<string, CryptoKey>
  jwks: { keys: JWK[] }
}

/**
 * The keys that sign access tokens: the next, the active (for 90 days) and the retired ones, kept
 * encrypted in the database. Re-read each minute, and when a token names a key that is not here; while
 * the database is away, the keys that were read last stay good.
 */
export function createKeys(ctx: Context) {
  let known: KeyRing | undefined
  let reading: Promise<KeyRing> | undefined
  let readAt = 0

  async function current(): Promise<KeyRing> {
    return known && Date.now() - readAt < MINUTE ? known : reload()
  }
  function reload(): Promise<KeyRing> {
    reading ??= read().finally(() => (reading = undefined))
    return reading
  }
  async function read(): Promise<KeyRing> {
    try {
      known = await readRing(ctx)
    } catch (error) {
      if (!known) throw error
      ctx.log.warn({ err: error }, 'signing keys not read again')
    }
    readAt = Date.now()
    return known
  }
  return {
    current,
    /** The ring with key `id` in it if there is one at all; asks the database at most once a second. */
    async knowing(id: string): Promise<KeyRing> {
      const ring = await current()
      return ring.public.has(id) || Date.now() - readAt < SECOND ? ring : reload()
    },
  }
}

export type Keys = ReturnType<typeof createKeys>

/**
 * Makes the first keys, and rotates when the active one is over 90 days old, or when `force` says so.
 * Throws a SetupError when the secret is not the one that the keys were made with.
 */
export async function rotateKeys(ctx: Context, { force = false } = {}): Promise<void> {
  await inTransaction(ctx, async (ctx) => {
    await queries.lockSigningKeys(ctx.db)
    if ((await findUnreadableKeys(ctx)).unreadable.length > 0) throw new SetupError(WRONG_SECRET)
    if (force || (await queries.activeKeyIsOlderThan(ctx.db, ACTIVE_DAYS))) {
      await queries.promoteSigningKey(ctx.db)
    }
    const states = new Set((await queries.listSigningKeys(ctx.db)).map((key) => key.state))
    for (const state of ['active', 'next'] as const) {
      if (!states.has(state)) await queries.insertSigningKey(ctx.db, await newKey(ctx, state))
    }
  })
}

/** How many signing keys there are, and those whose private half this secret does not open. */
export async function findUnreadableKeys(
  ctx: Pick<Context, 'db' | 'secret'>,
): Promise<{ total: number; unreadable: string[] }> {
  const keys = await queries.listSigningKeys(ctx.db)
  const opens = (sealed: Buffer) => {
    try {
      return decrypt(encryptionKey(ctx), sealed) !== ''
    } catch {
      return false
    }
  }
  const unreadable = keys.filter((key) => !opens(key.private_jwk_encrypted))
  return { total: keys.length, unreadable: unreadable.map((key) => key.id) }
}

const encryptionKey = ({ secret }: Pick<Context, 'secret'>) => deriveKey(secret, 'signing-keys')

async function newKey(ctx: Context, state: 'active' | 'next') {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true })
  const id = newId()
  return {
    id,
    state,
    public_jwk: JSON.stringify({
      ...(await exportJWK(publicKey)),
      kid: id,
      alg: 'ES256',
      use: 'sig',
    }),
    private_jwk_encrypted: encrypt(encryptionKey(ctx), JSON.stringify(await exportJWK(privateKey))),
  }
}

async function readRing(ctx: Context): Promise<KeyRing> {
  const rows = await queries.listSigningKeys(ctx.db)
  const active = rows.find((row) => row.state === 'active')
  if (!active) throw new Error('There is no active signing key.')
  const secret = JSON.parse(decrypt(encryptionKey(ctx), active.private_jwk_encrypted)) as JWK
  const jwks = rows.map((row) => row.public_jwk as unknown as JWK)
  const imported = jwks.map(async (jwk) => [jwk.kid!, await load(jwk)] as const)
  return {
    active: { id: active.id, key: await load(secret) },
    public: new Map(await Promise.all(imported)),
    jwks: { keys: jwks },
  }
}

const load = async (jwk: JWK) => (await importJWK(jwk, 'ES256')) as CryptoKey
