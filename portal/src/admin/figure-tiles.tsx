import { Text } from '@mantine/core'
import { TrendingDown, TrendingUp } from 'lucide-react'
import type { Overview } from '../api/client.gen.ts'
import { useFormats } from '../formats.ts'
import { figuresWords } from '../../../src/words/admin-figures.ts'
import { useWords } from '../use-words.ts'
import styles from './admin.module.css'

/** The figures of the period, each with how it changed against the one before. */
export function FigureTiles({ figures }: { figures: Overview }) {
  const say = useWords(figuresWords)
  const { number, percent } = useFormats()
  const { previous } = figures
  const rate = figures.registration_rate
  return (
    <>
      <ul className={styles['tiles']}>
        <Tile
          name={say('clicks')}
          value={number(figures.clicks)}
          change={useChange(figures.clicks, previous.clicks)}
        />
        <Tile
          name={say('registrationsByCode')}
          value={number(figures.registrations)}
          change={useChange(figures.registrations, previous.registrations)}
        />
        <Tile
          name={say('conversion')}
          value={rate === null ? say('notKnown') : percent(rate)}
          change={usePoints(rate, previous.registration_rate)}
        />
        <Tile
          name={say('confirmed')}
          value={number(figures.confirmed)}
          change={useChange(figures.confirmed, previous.confirmed)}
        />
      </ul>
      <Text size="xs" c="dimmed" mt={-8}>
        {say('comparedTo')}
      </Text>
    </>
  )
}

interface Change {
  text: string
  direction: 'up' | 'down' | 'none'
}

function Tile({ name, value, change }: { name: string; value: string; change: Change }) {
  const Sign = change.direction === 'up' ? TrendingUp : TrendingDown
  return (
    <li>
      <span className={styles['tileName']}>{name}</span>
      <strong>{value}</strong>
      <span className={styles['change']} data-direction={change.direction}>
        {change.direction === 'none' ? null : <Sign size={16} aria-hidden />}
        {change.text}
      </span>
    </li>
  )
}

function useChange(now: number, before: number): Change {
  const say = useWords(figuresWords)
  const { percent } = useFormats()
  if (before === 0) return { text: say('noneBefore'), direction: now > 0 ? 'up' : 'none' }
  const share = (now - before) / before
  return directed(share, percent(Math.round(Math.abs(share) * 100) / 100), say)
}

function usePoints(now: number | null, before: number | null): Change {
  const say = useWords(figuresWords)
  const { number } = useFormats()
  if (now === null || before === null) return { text: say('noneBefore'), direction: 'none' }
  const points = Math.round((now - before) * 1000) / 10
  return directed(points, say('points', { change: number(Math.abs(points)) }), say)
}

type Say = ReturnType<typeof useWords<(typeof figuresWords)['en']>>

function directed(amount: number, change: string, say: Say): Change {
  if (amount === 0) return { text: say('noChange'), direction: 'none' }
  return amount > 0
    ? { text: say('more', { change }), direction: 'up' }
    : { text: say('less', { change }), direction: 'down' }
}
