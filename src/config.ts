import { readFileSync } from 'node:fs'
import { isIPv4, isIPv6 } from 'node:net'
import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { Ajv, type ErrorObject } from 'ajv'
import { type Static, type TSchema, Type } from 'typebox'
import { SetupError } from './errors.ts'
import { parseEmail } from './lib/email.ts'

const Text = (description: string, options: object = {}) => Type.String({ description, ...options })
const Whole = (description: string, def: number, minimum: number, maximum: number) =>
  Type.Integer({ description, default: def, minimum, maximum })
const Choice = <T extends string>(description: string, values: readonly [T, ...T[]]) =>
  Type.Unsafe<T>({ type: 'string', enum: values, default: values[0], description })

const Key = (description: string) => Type.Optional(Text(description, { pattern: '^[!-~]+$' }))
const ServiceUrl = (description: string, def: string) =>
  Text(description, {
    default: def,
    format: 'url',
    pattern: '^https?://[^/?#@\\s]+(/[^?#\\s]*)?$',
  })

/** Every variable, with its default and meaning; docs/configuration.md and .env.example are made of it. */
export const Environment = Type.Object({
  PORT: Whole(
    'Port to listen on; 0 lets the system choose one, which links then do not have',
    8000,
    0,
    65535,
  ),
  HOST: Text('Address to listen on; 0.0.0.0 in the container', {
    default: '127.0.0.1',
    minLength: 1,
  }),
  WEB_CONCURRENCY: Text(
    'Processes that share the port, each on a core of its own: a number from 1 to 64, or auto for as many as there are cores',
    { default: '1', pattern: '^(auto|[1-9]|[1-5][0-9]|6[0-4])$' },
  ),
  PUBLIC_URL: Type.Optional(
    Text(
      'Where people reach the service; the only source of links. Default http://localhost:PORT',
      {
        pattern: '^https?://[^/?#\\s]+/?$',
      },
    ),
  ),
  LANDING_URL: Type.Optional(
    Text(
      'Registration page that share links lead to, with `code` and perhaps `state` in its query. Default the portal’s /join/CODE',
      { pattern: '^https?://[^/?#@\\s\\\\]+([/?#][^\\s\\\\]*)?$' },
    ),
  ),
  DATA_DIR: Text('Folder of the embedded database and the generated secret', {
    default: './data',
    minLength: 1,
  }),
  DATABASE_URL: Type.Optional(
    Text('postgres://… of PostgreSQL 15 or newer; without it the embedded PostgreSQL is started', {
      pattern: '^postgres(ql)?://',
    }),
  ),
  DATABASE_DIRECT_URL: Type.Optional(
    Text(
      'postgres://… of the same database past a pooler of transactions such as pgbouncer, where DATABASE_URL leads to one: for migrations, jobs and hearing of changes, which need connections of their own',
      { pattern: '^postgres(ql)?://' },
    ),
  ),
  REDIS_URL: Type.Optional(
    Text('redis://… of Redis 6 or newer; without it the cache is in the process', {
      pattern: '^rediss?://',
    }),
  ),
  APP_SECRET: Type.Optional(
    Text(
      'Encrypts signing keys and signs refresh tokens; at least 32 characters, the same for all instances. Without it one is made in DATA_DIR',
      { minLength: 32 },
    ),
  ),
  ACCESS_TOKEN_TTL: Whole('Lifetime of an access token, seconds', 900, 5, 86_400),
  REFRESH_TOKEN_TTL: Whole('Idle lifetime of a refresh token, seconds', 1_209_600, 60, 2_592_000),
  OAUTH_PASSWORD_GRANT: Choice(
    'Whether the token endpoint takes the password grant of OAuth 2.0; off leaves POST /api/v1/auth/login',
    ['on', 'off'],
  ),
  CODE_LOOKUP: Choice('Who may look up a code by e-mail', ['public', 'authenticated', 'off']),
  REFERRALS_VISIBILITY: Choice('Who may list the referrals of a user', ['owner', 'authenticated']),
  REFERRAL_EMAILS: Choice('What a referrer sees of an e-mail address', ['full', 'masked']),
  CODE_MAX_DAYS: Whole('Longest validity of a code, days', 730, 1, 3650),
  REFERRAL_REVIEW_ABOVE: Whole(
    'Registrations an hour by one code above which further ones wait for review by an administrator; 0 for no limit',
    20,
    0,
    1000,
  ),
  EMAIL_VERIFICATION: Choice('Whether addresses are confirmed by mail, and needed for signing in', [
    'optional',
    'required',
    'off',
  ]),
  SMTP_URL: Type.Optional(
    Text(
      'smtp:// or smtps:// server that sends mail; without it mails are files in DATA_DIR/outbox',
      {
        pattern: '^smtps?://',
      },
    ),
  ),
  MAIL_FROM: Text('Sender of mails', {
    default: 'Invitree <no-reply@localhost>',
    pattern: '^[^\\r\\n]*@[^\\r\\n]+$',
  }),
  HUNTER_API_KEY: Key('Key of Hunter, which is then asked at registration whether mail arrives'),
  HUNTER_URL: ServiceUrl('Where Hunter or a proxy to it answers', 'https://api.hunter.io/v2'),
  CLEARBIT_API_KEY: Key('Key of Clearbit, which then fills in name, avatar and company'),
  CLEARBIT_URL: ServiceUrl(
    'Where Clearbit or a proxy to it answers',
    'https://person.clearbit.com/v2',
  ),
  RATE_LIMITS: Choice('Limits on requests, listed in docs/limits.md; off for load tests', [
    'on',
    'off',
  ]),
  TRUST_PROXY: Text(
    'Whose X-Forwarded-For is believed: the number of proxies in front, or a comma-separated list of their addresses and networks',
    { default: 'off', minLength: 1 },
  ),
  RETENTION_DAYS: Whole(
    'Days that ended sessions and mailed links are kept, then deleted',
    90,
    1,
    3650,
  ),
  AUDIT_RETENTION_DAYS: Whole('Days that the audit trail is kept', 730, 90, 36_500),
  ADMIN_EMAIL: Type.Optional(
    Text('E-mail address of the first administrator, made at start', { format: 'email' }),
  ),
  ADMIN_PASSWORD: Type.Optional(
    Text('Password of the first administrator, 8 to 128 characters', {
      minLength: 8,
      maxLength: 128,
    }),
  ),
  METRICS_TOKEN: Type.Optional(Text('Bearer token that /metrics asks for', { minLength: 8 })),
  DOCS_ENABLED: Choice('Whether /docs, /redoc and /openapi.json are served', ['true', 'false']),
  DEFAULT_LOCALE: Choice('Language when a client asks for none', ['en', 'ru']),
  LOG_LEVEL: Choice('Least level that is logged', ['info', 'debug', 'warn', 'error', 'silent']),
})

export type Config = Omit<
  Static<typeof Environment>,
  'WEB_CONCURRENCY' | 'PUBLIC_URL' | 'DOCS_ENABLED' | 'TRUST_PROXY'
> & {
  WEB_CONCURRENCY: number
  PUBLIC_URL: string
  DOCS_ENABLED: boolean
  TRUST_PROXY: false | number | string[]
}

const ajv = new Ajv({
  // Checking our own schema against its own takes longer than checking what is given.
  validateSchema: false,
  allErrors: true,
  useDefaults: true,
  coerceTypes: true,
  formats: {
    url: (text: string) => URL.canParse(text),
    email: (text: string) => parseEmail(text) !== undefined,
  },
})

/** Every problem of the environment at once, one a line. */
export class ConfigError extends SetupError {
  override name = 'ConfigError'
}

/**
 * Reads the variables, each also from the file that NAME_FILE names; throws a ConfigError that names
 * every wrong one. An empty value counts as not set.
 */
export function readConfig(env: Record<string, string | undefined>): Config {
  const problems: string[] = []
  const given = Object.fromEntries(
    Object.keys(Environment.properties)
      .map((name) => [name, valueOf(env, name, problems)] as const)
      .filter(([, value]) => value !== undefined && value !== ''),
  )
  const check = ajv.compile(Environment)
  if (!check(given)) problems.push(...check.errors!.map(problemOf))
  const config = given as unknown as Static<typeof Environment>
  if ((config.ADMIN_EMAIL === undefined) !== (config.ADMIN_PASSWORD === undefined)) {
    problems.push('ADMIN_EMAIL and ADMIN_PASSWORD go together: set both or neither')
  }
  for (const name of ['PUBLIC_URL', 'LANDING_URL'] as const) {
    if (config[name] === undefined || URL.canParse(config[name])) continue
    problems.push(`${name} must be an absolute http or https address`)
  }
  const proxies = readProxies(config.TRUST_PROXY, problems)
  if (problems.length > 0) throw new ConfigError(`Wrong configuration:\n  ${problems.join('\n  ')}`)
  return {
    ...config,
    DATA_DIR: resolve(config.DATA_DIR),
    WEB_CONCURRENCY: readConcurrency(config.WEB_CONCURRENCY),
    PUBLIC_URL: (config.PUBLIC_URL ?? `http://localhost:${config.PORT}`).replace(/\/$/, ''),
    HUNTER_URL: config.HUNTER_URL.replace(/\/$/, ''),
    CLEARBIT_URL: config.CLEARBIT_URL.replace(/\/$/, ''),
    DOCS_ENABLED: config.DOCS_ENABLED === 'true',
    TRUST_PROXY: proxies,
  }
}

const readConcurrency = (text: string) => (text === 'auto' ? availableParallelism() : Number(text))

function readProxies(text: string, problems: string[]): Config['TRUST_PROXY'] {
  if (text === 'off') return false
  if (/^[1-9]\d?$/.test(text)) return Number(text)
  const networks = text.split(',').map((network) => network.trim())
  for (const network of networks.filter((one) => !isNetwork(one))) {
    problems.push(`TRUST_PROXY must be off, a number from 1 to 99 or networks: ${network} is none`)
  }
  return networks
}

function isNetwork(text: string): boolean {
  const [address = '', bits = '0', ...more] = text.split('/')
  const longest = isIPv4(address) ? 32 : isIPv6(address) ? 128 : -1
  return more.length === 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= longest
}

function valueOf(env: Record<string, string | undefined>, name: string, problems: string[]) {
  const file = env[`${name}_FILE`]
  if (!file) return env[name]
  try {
    return readFileSync(file, 'utf8').trimEnd()
  } catch (error) {
    problems.push(`${name}_FILE: ${(error as Error).message}`)
    return undefined
  }
}

function problemOf({ instancePath, message }: ErrorObject): string {
  const name = instancePath.slice(1)
  const properties: Record<string, TSchema & { description?: string; enum?: string[] }> =
    Environment.properties
  const { description, enum: choices } = properties[name] ?? {}
  return `${name} ${choices ? `must be one of ${choices.join(', ')}` : message} (${description})`
}
