import { Type } from 'typebox'
import { operation } from '../../http/operation.ts'
import { answer, Nullable, Strict, Timestamp } from '../../http/schemas.ts'
import { Queue } from '../jobs/schemas.ts'

const Choice = <T extends string>(values: readonly T[], description: string) =>
  Type.Unsafe<T>({ type: 'string', enum: values, description })
const Milliseconds = Type.Number({ minimum: 0, description: 'The quickest of a few answers.' })
const Count = Type.Integer({ minimum: 0 })

const Finding = Type.Object(
  {
    name: Type.String({ description: 'What was looked at.' }),
    ok: Nullable(
      Type.Boolean({ description: 'Null where it took too long: nothing is known to be wrong.' }),
    ),
    finding: Type.String({ description: 'What was found.' }),
    remedy: Type.Optional(
      Type.String({ description: 'What to do; there when, and only when, it is not well.' }),
    ),
  },
  { $id: 'Finding' },
)

const Integration = Type.Object(
  {
    name: Type.String({ description: '`hunter` or `clearbit`.' }),
    state: Choice(
      ['off', 'asking', 'resting', 'trying'],
      '`off`: there is no key. `resting`: it failed 5 times in a row and is left alone for 30 s. `trying`: the ' +
        'next question decides whether to go on.',
    ),
    answered: Count,
    failed: Count,
    skipped: Count,
  },
  { $id: 'Integration', description: 'A service of others, with what this process asked it.' },
)

const System = Type.Object(
  {
    version: Type.String(),
    node: Type.String({ description: 'The version of Node.js.' }),
    started_at: Timestamp,
    uptime_seconds: Count,
    database: Type.Object({
      kind: Choice(['embedded', 'server'], 'Whether the service started it itself.'),
      version: Type.String(),
      latency_ms: Milliseconds,
      connections: Type.Object({ total: Count, idle: Count, waiting: Count }),
    }),
    cache: Type.Object({
      kind: Choice(['process', 'redis'], 'Where look-ups are kept.'),
      ready: Type.Boolean({ description: 'Without it the service is slower, nothing else.' }),
      version: Nullable(Type.String({ description: 'Of Redis.' })),
      latency_ms: Nullable(Milliseconds),
      hits: Count,
      misses: Count,
    }),
    jobs: Type.Array(Queue, { maxItems: 100 }),
    mail: Type.Object({
      transport: Choice(['outbox', 'smtp'], '`outbox`: mails are files, see /api/v1/admin/outbox.'),
    }),
    integrations: Type.Array(Integration, { maxItems: 10 }),
    last_migration: Type.Object({ name: Type.String(), applied_at: Timestamp }),
    ok: Type.Boolean({ description: 'Whether nothing is known to be wrong.' }),
    checks: Type.Array(Finding, { maxItems: 100 }),
    checked_at: Timestamp,
    checking: Type.Boolean({ description: 'More is being looked at: ask again for it.' }),
  },
  {
    $id: 'System',
    examples: [
      {
        version: '0.1.0',
        node: '24.21.0',
        started_at: '2026-11-21T06:00:00.000Z',
        uptime_seconds: 12_600,
        database: {
          kind: 'embedded',
          version: '18.4',
          latency_ms: 0.4,
          connections: { total: 3, idle: 2, waiting: 0 },
        },
        cache: {
          kind: 'process',
          ready: true,
          version: null,
          latency_ms: null,
          hits: 8120,
          misses: 95,
        },
        jobs: [{ name: 'mail', waiting: 0, active: 0, failed: 1 }],
        mail: { transport: 'smtp' },
        integrations: [{ name: 'hunter', state: 'asking', answered: 41, failed: 2, skipped: 0 }],
        last_migration: { name: '0014_tree.sql', applied_at: '2026-11-21T05:59:58.000Z' },
        ok: false,
        checks: [
          { name: 'database', ok: true, finding: 'PostgreSQL 18.4 answers in 0.4 ms' },
          {
            name: 'mail',
            ok: false,
            finding: 'the SMTP server does not let us in: EAUTH, AUTH PLAIN, 535 5.7.8',
            remedy: 'Correct the user and the password in SMTP_URL.',
          },
        ],
        checked_at: '2026-11-21T09:30:00.000Z',
        checking: false,
      },
    ],
  },
)

export const getSystem = operation({
  operationId: 'getSystem',
  tags: ['Administration'],
  summary: 'The state of the system',
  description:
    'What runs here, and what `invitree doctor` says: of the servers always, of the data with `checks=true`. What ' +
    'was found is remembered for a minute.',
  access: 'admin',
  querystring: Strict({
    checks: Type.Boolean({
      default: false,
      description: 'Look through the data as well, which may take as long as it is large.',
      examples: [true],
    }),
  }),
  response: { 200: answer('The state of the system.', System) },
  errors: [],
})
