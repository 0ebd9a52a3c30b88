/** A mistake that somebody could make, as the replacements that make it, and the test that is there for it. */
export interface Defect {
  name: string
  file: string
  test: string
  changes: { file: string; from: string; to: string }[]
}

const GUARDS = 'test/faults/guards.test.ts'

export const DEFECTS: Defect[] = [
  {
    name: 'no unique index',
    file: GUARDS,
    test: 'a second unretired code is refused by the database itself',
    changes: [
      {
        file: 'migrations/0003_referral_codes.sql',
        from: 'create unique index referral_codes_active_code_exists',
        to: 'create index referral_codes_active_code_exists',
      },
    ],
  },
  {
    name: 'lock left out',
    file: GUARDS,
    test: 'a code that a registration holds is retired after it',
    changes: [
      { file: 'src/codes/queries.ts', from: "\n    .forShare('referral_codes')", to: '' },
      { file: 'src/codes/queries.ts', from: "\n      shareGate.as('gate'),", to: '' },
    ],
  },
  {
    name: 'stamp before the lock',
    file: 'test/faults/expiring.test.ts',
    test: 'of registrations that wait for a code until it has expired none is attributed late',
    changes: [
      {
        file: 'src/referrals/service.ts',
        from: '  const held = await holdForReferral(ctx, code)\n',
        to:
          "  const { databaseNow } = await import('../db/connect.ts')\n" +
          '  const attributed_at = await databaseNow(ctx.db)\n' +
          '  const held = await holdForReferral(ctx, code)\n',
      },
      {
        file: 'src/referrals/service.ts',
        from: '      ...judgement,\n',
        to: '      ...judgement,\n      ...{ attributed_at },\n',
      },
    ],
  },
  {
    name: 'retry after COMMIT',
    file: 'test/faults/database.test.ts',
    test: 'a connection lost at COMMIT leaves the outcome unknown, is never retried',
    changes: [
      {
        file: 'src/context.ts',
        from: "throw committing && isLost(error) ? new AppError('outcome_unknown', { cause: error }) : error",
        to: 'throw error',
      },
    ],
  },
  {
    name: 'cache without tombstone',
    file: 'test/faults/cache-races.test.ts',
    test: 'a code retired between the load and the fill of a look-up is not served in the process',
    changes: [
      {
        file: 'src/cache/cache.ts',
        from: '      if (look(key) !== reservation) return\n',
        to: '',
      },
      {
        file: 'src/cache/cache.ts',
        from: "for (const key of keys) slots.set(key, { state: 'tombstone', until })",
        to: 'if (until) for (const key of keys) slots.delete(key)',
      },
    ],
  },
  {
    name: 'job outside the transaction',
    file: 'test/journeys/mail.test.ts',
    test: 'a registration that is rolled back leaves no job',
    changes: [
      {
        file: 'src/jobs/boss.ts',
        from: 'await boss.send(name, payload, { db: fromKysely(db) })',
        to: 'await boss.send(name, payload)',
      },
    ],
  },
  {
    name: 'token checked, then used',
    file: GUARDS,
    test: 'a mailed link that twenty use at once is used by one',
    changes: [
      {
        file: 'src/recovery/service.ts',
        from: '  if (id) await queries.lockTokenOwner(ctx.db, id)\n',
        to: "  if (!id || !(await queries.findTokenOwner(ctx.db, id))) throw new AppError('link_expired')\n",
      },
      {
        file: 'src/recovery/queries.ts',
        from: "    .where('purpose', '=', purpose)\n    .where('used_at', 'is', null)\n    .where('expires_at'",
        to: "    .where('purpose', '=', purpose)\n    .where('expires_at'",
      },
    ],
  },
  {
    name: 'refresh read, then written',
    file: 'src/auth/rotation.test.ts',
    test: '200 uses of one refresh token at once give one successor',
    changes: [
      {
        file: 'src/auth/queries.ts',
        from: 'export function rotateSession(db: Db, id: string, counter: number, idleSeconds: number) {\n',
        to:
          'export async function rotateSession(db: Db, id: string, counter: number, idleSeconds: number) {\n' +
          "  const read = await db.selectFrom('sessions').select('counter').where('id', '=', id).executeTakeFirst()\n" +
          '  if (read?.counter !== counter) return undefined\n',
      },
      {
        file: 'src/auth/queries.ts',
        from: '      counter: counter + 1,\n      used_at',
        to: '      counter: sql`sessions.counter + 1`,\n      used_at',
      },
      {
        file: 'src/auth/queries.ts',
        from: "    .where('sessions.counter', '=', counter)\n    .where('sessions.revoked_at'",
        to: "    .where('sessions.revoked_at'",
      },
    ],
  },
]
