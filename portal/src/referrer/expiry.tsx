import { Text, Tooltip } from '@mantine/core'
import { useEffect } from 'react'
import { type Code, listCodes } from '../api/client.gen.ts'
import { all, queryClient } from '../api/queries.ts'
import { useFormats } from '../formats.ts'
import { referrerWords } from '../../../src/words/referrer.ts'
import { useWords } from '../use-words.ts'
import { SOON_MS } from './codes.ts'
import styles from './home.module.css'
import { useNow } from './use-now.ts'

const DAY_MS = 86_400_000

/** When the code expires, with the exact time in a tooltip; in the last 72 hours as a countdown. */
export function Expiry({ code }: { code: Code }) {
  const say = useWords(referrerWords)
  const { dateTime } = useFormats()
  const now = useNow(1000)
  const left = Date.parse(code.expires_at) - now
  const isOver = left <= 0
  useEffect(() => {
    if (isOver) void queryClient.invalidateQueries(all(listCodes))
  }, [isOver])
  const isSoon = left < SOON_MS
  const time = say('countdown', { days: Math.floor(left / DAY_MS), clock: clockOf(left) })
  return (
    <Tooltip
      label={say('worksUntil', { when: dateTime(code.expires_at) })}
      withArrow
      withinPortal={false}
      events={EVENTS}
    >
      <Text
        component="time"
        dateTime={code.expires_at}
        size="sm"
        tabIndex={0}
        className={isSoon ? styles['soon'] : styles['expiry']}
      >
        {isSoon
          ? say('expiresIn', { time })
          : say('expiresInDays', { count: Math.round(left / DAY_MS) })}
      </Text>
    </Tooltip>
  )
}

const EVENTS = { hover: true, focus: true, touch: true }

function clockOf(left: number): string {
  const seconds = Math.max(0, Math.floor(left / 1000))
  const parts = [Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60, seconds % 60]
  return parts.map((part) => String(part).padStart(2, '0')).join(':')
}
