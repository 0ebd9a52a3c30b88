import { type CryptoKey, decodeProtectedHeader, jwtVerify, SignJWT } from 'jose'
import QuickLRU from 'quick-lru'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { SECOND } from '../lib/dates.ts'
import { newId, parseId } from '../lib/ids.ts'
import { deriveKey, mac, sameSecret } from '../lib/secrets.ts'
import type { Keys } from './keys.ts'

export interface AccessClaims {
  sub: string
  sid: string
  client_id: string
  scope: string
  auth_time: number
}

const REMEMBERED_TOKENS = 10_000
const TOKEN_MAX = 4096
// Three parts, the last one 64 bytes in the one way to write them: a token has no second spelling.
const TOKEN = /^[\w-]+\.[\w-]+\.[\w-]{85}[AQgw]$/
const REQUIRED_CLAIMS = ['sub', 'exp', 'iat', 'jti', 'sid', 'client_id', 'scope', 'auth_time']
// Without a leading zero, a sign or an exponent, and within the column of the counter.
const COUNTER = /^(?:0|[1-9]\d{0,8})$/

/** Signs and verifies access tokens: JWTs of RFC 9068, ES256, without personal data, dated by the database's clock. */
export function createAccessTokens(ctx: Context, keys: Keys, remembered = REMEMBERED_TOKENS) {
  const { PUBLIC_URL: issuer, ACCESS_TOKEN_TTL: lifetime } = ctx.config
  const audience = `${issuer}/api/v1`
  // A signature is checked once for each token: checking it at each request costs most of the throughput.
  const verified = new QuickLRU<string, { sid: string }>({ maxSize: remembered })

  async function sign({ sub, ...claims }: AccessClaims): Promise<string> {
    const { active } = await keys.current()
    const now = Math.floor(ctx.clock.now() / SECOND)
    return new SignJWT({ ...claims })
      .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: active.id })
      .setIssuer(issuer)
      .setAudience(audience)
      .setSubject(sub)
      .setIssuedAt(now)
      .setExpirationTime(now + lifetime)
      .setJti(newId())
      .sign(active.key)
  }

  /** The session of a token that we signed and that has not expired; throws `invalid_token`. */
  async function verify(token: string): Promise<string> {
    const known = verified.get(token)
    if (known) return known.sid
    const kid = keyNamedBy(token)
    const key = kid === undefined ? undefined : (await keys.knowing(kid)).public.get(kid)
    if (!key) throw new AppError('invalid_token')
    const { sid, exp } = await check(token, key).catch((cause: unknown) => {
      throw new AppError('invalid_token', { cause })
    })
    verified.set(token, { sid }, { maxAge: exp * SECOND - ctx.clock.now() })
    return sid
  }

  async function check(token: string, key: CryptoKey) {
    const { payload } = await jwtVerify(token, key, {
      issuer,
      audience,
      algorithms: ['ES256'],
      typ: 'at+jwt',
      requiredClaims: REQUIRED_CLAIMS,
      currentDate: new Date(ctx.clock.now()),
    })
    const { sid: given, exp } = payload
    const sid = typeof given === 'string' ? parseId(given) : undefined
    if (!sid || exp === undefined) throw new Error('no session')
    return { sid, exp }
  }
  return { sign, verify, jwks: async () => (await keys.current()).jwks }
}

function keyNamedBy(token: string): string | undefined {
  if (token.length > TOKEN_MAX || !TOKEN.test(token)) return undefined
  try {
    const { kid } = decodeProtectedHeader(token)
    // Nothing but an id of ours is looked for in the database.
    return typeof kid === 'string' && parseId(kid) === kid ? kid : undefined
  } catch {
    return undefined
  }
}

export type AccessTokens = ReturnType<typeof createAccessTokens>

/** A refresh token is the session, its number and a MAC over both: nothing to keep, the same again on a retry. */
export function writeRefreshToken(ctx: Context, sessionId: string, counter: number): string {
  const head = `${sessionId.replaceAll('-', '')}.${counter}`
  return `${head}.${mac(refreshKey(ctx), head)}`
}

/** The session and number of a refresh token of ours; undefined for any other text. */
export function readRefreshToken(ctx: Context, token: string) {
  const [session = '', number = '', proof = '', ...more] = token.split('.')
  const id = parseId(session)
  if (!id || !COUNTER.test(number) || more.length > 0) return undefined
  if (!sameSecret(proof, mac(refreshKey(ctx), `${session}.${number}`))) return undefined
  return { id, counter: Number(number) }
}

const refreshKey = ({ secret }: Context) => deriveKey(secret, 'refresh-tokens')
