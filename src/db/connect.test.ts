import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { startApp } from '../../test/support/app.ts'

const it = await startApp()

test.each(['UTC', 'Asia/Kolkata', 'America/St_Johns', 'Pacific/Kiritimati'])(
  'a time is read to its millisecond where the database is in %s',
  async (zone) => {
    const { rows } = await it.ctx.db.transaction().execute(async (trx) => {
      await sql`set local timezone = ${sql.lit(zone)}`.execute(trx)
      // Of every length that PostgreSQL writes a fraction in, and in all seasons of the years that can be given.
      return sql<{ at: Date; ms: number }>`
        select at, floor(extract(epoch from at) * 1000)::int8 as ms
        from generate_series(1, 2000) as i,
          lateral (select (10 ^ (i % 7))::int as step) as steps,
          lateral (select timestamptz '0002-01-01' + i * interval '1825 days 5 hours 7 minutes' +
            i * 7919 % 1000000 / step * step * interval '1 microsecond' as at) as times`.execute(
        trx,
      )
    })
    expect(rows).toHaveLength(2000)
    expect(rows.filter(({ at, ms }) => at.getTime() !== ms)).toEqual([])
  },
)
