import { useElementSize } from '@mantine/hooks'
import { type PointerEvent, useId, useState } from 'react'
import type { Overview } from '../api/client.gen.ts'
import { useFormats } from '../formats.ts'
import { figuresWords } from '../../../src/words/admin-figures.ts'
import { useWords } from '../use-words.ts'
import { everySteps, ticksUpTo, useStepName } from './chart-steps.ts'
import styles from './chart.module.css'

type Step = Overview['series'][number]

const HEIGHT = 250
const BELOW = 26
const ABOVE = 8
const LEFT = 40
const LINES = ['clicks', 'registrations', 'confirmed'] as const
type Line = (typeof LINES)[number]

/** The course of the figures, drawn as areas; pointing at it tells the figures of a step. */
export function Chart({ series, isByMonth }: { series: Step[]; isByMonth: boolean }) {
  const say = useWords(figuresWords)
  const { ref, width } = useElementSize()
  const [pointed, setPointed] = useState<number>()
  const scale = scaleOf(series, width)
  const onPointerMove = ({ clientX, currentTarget }: PointerEvent) => {
    const { left } = currentTarget.getBoundingClientRect()
    const place = Math.round(((clientX - left - LEFT) / scale.inner) * (series.length - 1))
    setPointed(Math.min(Math.max(place, 0), series.length - 1))
  }
  return (
    <>
      <ul className={styles['legend']}>
        {LINES.map((line) => (
          <li key={line} className={styles[line]}>
            {say(line)}
          </li>
        ))}
      </ul>
      <div
        ref={ref}
        className={styles['frame']}
        onPointerMove={onPointerMove}
        onPointerLeave={() => setPointed(undefined)}
      >
        {width > 0 ? (
          <svg width={width} height={HEIGHT} role="img" aria-label={say('chartLabel')}>
            <Axes series={series} scale={scale} isByMonth={isByMonth} />
            {LINES.map((line) => (
              <Area key={line} line={line} series={series} scale={scale} />
            ))}
            {pointed === undefined ? null : (
              <Pointer step={series[pointed]!} x={scale.x(pointed)} scale={scale} />
            )}
          </svg>
        ) : null}
        {pointed === undefined ? null : (
          <Told step={series[pointed]!} x={scale.x(pointed)} width={width} isByMonth={isByMonth} />
        )}
      </div>
    </>
  )
}

type Scale = ReturnType<typeof scaleOf>

function scaleOf(series: Step[], width: number) {
  const ticks = ticksUpTo(Math.max(...series.flatMap((step) => LINES.map((line) => step[line]))))
  const top = ticks.at(-1)!
  const inner = Math.max(1, width - LEFT - 8)
  const floor = HEIGHT - BELOW
  return {
    ticks,
    inner,
    floor,
    width,
    x: (index: number) => LEFT + (index / Math.max(1, series.length - 1)) * inner,
    y: (value: number) => floor - (value / top) * (floor - ABOVE),
  }
}

function Axes({ series, scale, isByMonth }: { series: Step[]; scale: Scale; isByMonth: boolean }) {
  const { number } = useFormats()
  const nameOf = useStepName(isByMonth)
  const every = everySteps(series.length, scale.inner)
  return (
    <g className={styles['axes']}>
      {scale.ticks.map((tick) => (
        <g key={tick}>
          <line x1={LEFT} x2={scale.width} y1={scale.y(tick)} y2={scale.y(tick)} />
          <text x={LEFT - 8} y={scale.y(tick)} textAnchor="end" dominantBaseline="middle">
            {number(tick)}
          </text>
        </g>
      ))}
      {series.map((step, index) =>
        // Counted from the last, which is today.
        (series.length - 1 - index) % every === 0 && scale.x(index) > LEFT + 20 ? (
          <text
            key={step.at}
            x={Math.min(scale.x(index), scale.width - 2)}
            y={HEIGHT - 6}
            textAnchor={index === series.length - 1 ? 'end' : 'middle'}
          >
            {nameOf(step.at)}
          </text>
        ) : null,
      )}
    </g>
  )
}

function Area({ line, series, scale }: { line: Line; series: Step[]; scale: Scale }) {
  const id = useId()
  const points = series.map((step, index) => `${scale.x(index)},${scale.y(step[line])}`).join(' ')
  const last = scale.x(series.length - 1)
  return (
    <g className={styles[line]}>
      <linearGradient id={id} x1="0" x2="0" y1="0" y2="1">
        <stop offset="0" className={styles['begin']} />
        <stop offset="1" className={styles['end']} />
      </linearGradient>
      <polygon
        points={`${scale.x(0)},${scale.floor} ${points} ${last},${scale.floor}`}
        fill={`url(#${id})`}
      />
      <polyline points={points} className={styles['line']} />
    </g>
  )
}

function Pointer({ step, x, scale }: { step: Step; x: number; scale: Scale }) {
  return (
    <g className={styles['pointer']}>
      <line x1={x} x2={x} y1={ABOVE} y2={scale.floor} />
      {LINES.map((line) => (
        <circle key={line} className={styles[line]} cx={x} cy={scale.y(step[line])} r={4} />
      ))}
    </g>
  )
}

function Told({
  step,
  x,
  width,
  isByMonth,
}: {
  step: Step
  x: number
  width: number
  isByMonth: boolean
}) {
  const say = useWords(figuresWords)
  const { number } = useFormats()
  const nameOf = useStepName(isByMonth)
  // Beside the line, where there is room.
  const place = x > width / 2 ? { right: width - x + 12 } : { left: x + 12 }
  return (
    <div className={styles['told']} style={place} aria-hidden>
      <strong>{nameOf(step.at)}</strong>
      {LINES.map((line) => (
        <span key={line} className={styles[line]}>
          {say(line)}
          <b>{number(step[line])}</b>
        </span>
      ))}
    </div>
  )
}
