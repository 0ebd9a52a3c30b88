import { SegmentedControl, Skeleton, Stack } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { lazy, Suspense } from 'react'
import { getOverview, type Overview as Figures } from '../api/client.gen.ts'
import { ask } from '../api/queries.ts'
import { Block } from '../blocks/block.tsx'
import { Panel } from '../blocks/panel.tsx'
import { AfterAWhile } from '../blocks/skeletons.tsx'
import { Page } from '../layout/page.tsx'
import { figuresWords } from '../../../src/words/admin-figures.ts'
import { useWords } from '../use-words.ts'
import { useAddress } from './address.ts'
import styles from './admin.module.css'
import { FigureTiles } from './figure-tiles.tsx'
import { FigureTable } from './figure-table.tsx'
import { AdminFunnel } from './funnel.tsx'
import { ToDo } from './to-do.tsx'
import { TopReferrers } from './top-referrers.tsx'
import { Totals } from './totals.tsx'

const RANGES = ['days7', 'days30', 'days90', 'months12'] as const
type Range = (typeof RANGES)[number]

const Chart = lazy(async () => ({ default: (await import('./chart.tsx')).Chart }))

/** How it goes: figures with their change, their course, who brings most, and what waits. */
export function Overview() {
  const say = useWords(figuresWords)
  const address = useAddress()
  const range = address.oneOf('range', RANGES) ?? 'days30'
  const figures = useQuery({
    ...ask(getOverview, { query: queryOf(range) }),
    placeholderData: keepPreviousData,
  })
  return (
    <Page
      title={say('overview')}
      aside={
        <SegmentedControl
          size="xs"
          aria-label={say('range')}
          value={range}
          data={RANGES.map((value) => ({ value, label: say(value) }))}
          onChange={(next) => address.change({ range: next === 'days30' ? undefined : next })}
        />
      }
    >
      <Block query={figures} skeleton={<Shape />}>
        {(found) => <Found figures={found} />}
      </Block>
    </Page>
  )
}

function Found({ figures }: { figures: Figures }) {
  const say = useWords(figuresWords)
  const isByMonth = figures.interval === 'month'
  return (
    <Stack>
      <FigureTiles figures={figures} />
      <div className={styles['columns']}>
        <div className={styles['stack']}>
          <Panel title={isByMonth ? say('courseMonths') : say('course')}>
            <Suspense fallback={<Skeleton height={290} />}>
              <Chart series={figures.series} isByMonth={isByMonth} />
            </Suspense>
            <FigureTable figures={figures} />
          </Panel>
          <TopReferrers referrers={figures.top_referrers} />
        </div>
        <div className={styles['stack']}>
          <ToDo toDo={figures.to_do} />
          <AdminFunnel figures={figures} />
          <Totals totals={figures.totals} />
        </div>
      </div>
    </Stack>
  )
}

function Shape() {
  return (
    <AfterAWhile>
      <Stack>
        <div className={styles['tiles']}>
          {RANGES.map((range) => (
            <Skeleton key={range} height={118} radius="lg" />
          ))}
        </div>
        <div className={styles['columns']}>
          <Skeleton height={380} radius="lg" />
          <Skeleton height={380} radius="lg" />
        </div>
      </Stack>
    </AfterAWhile>
  )
}

const DAYS = { days7: 7, days30: 30, days90: 90 }
const { timeZone } = new Intl.DateTimeFormat().resolvedOptions()

/** Whole days and months of the reader's time zone: the key stays the same until midnight. */
function queryOf(range: Range) {
  const from = new Date()
  from.setHours(0, 0, 0, 0)
  if (range === 'months12') from.setMonth(from.getMonth() - 11, 1)
  else from.setDate(from.getDate() - DAYS[range] + 1)
  const interval: 'month' | 'day' = range === 'months12' ? 'month' : 'day'
  return { from: from.toISOString(), interval, time_zone: timeZone }
}
