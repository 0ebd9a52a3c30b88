import { ActionIcon, Text, useComputedColorScheme } from '@mantine/core'
import { Maximize, Minus, Plus } from 'lucide-react'
import { type RefObject, useEffect, useId, useMemo, useRef, useState } from 'react'
import { useFormats } from '../formats.ts'
import { allReferralsWords } from '../../../src/words/admin-referrals.ts'
import { useWords } from '../use-words.ts'
import { usePersonName } from './people.tsx'
import { type Colors, draw, type Kind } from './tree-drawing.ts'
import { type Dot, placeOnRings } from './tree-layout.ts'
import { TreePerson } from './tree-person.tsx'
import type { Row } from './tree-rows.ts'
import type { Tree } from './tree-store.ts'
import styles from './tree.module.css'
import { useCamera } from './use-camera.ts'

const TOUCH_PX = 14
const NAME_MAX = 18
const KINDS: Kind[] = ['confirmed', 'pending', 'review', 'refused', 'root']

/** The tree as a picture, on one canvas: to look at, to move in, to open by pressing. */
export function TreePicture({ tree, rows }: { tree: Tree; rows: Row[] }) {
  const say = useWords(allReferralsWords)
  const id = useId()
  const canvas = useRef<HTMLCanvasElement>(null)
  const box = useRef<HTMLDivElement>(null)
  const legend = useRef<HTMLUListElement>(null)
  const [selected, setSelected] = useState<string>()
  const layout = useMemo(() => placeOnRings(rows), [rows])
  const labelOf = useLabels()
  const scheme = useComputedColorScheme()
  const colors = useRef<Colors>(undefined)
  const frame = useRef(0)

  const look = useCamera(canvas, layout, {
    redraw: () => {
      // However many moves there are between two frames, it is drawn once.
      cancelAnimationFrame(frame.current)
      frame.current = requestAnimationFrame(() => {
        if (!canvas.current || !legend.current) return
        colors.current ??= readColors(box.current!, legend.current)
        draw(canvas.current, { layout, camera, colors: colors.current, selected, labelOf })
      })
    },
    onPress: (x, y) => {
      const dot = nearest(layout.dots, x, y, TOUCH_PX / camera.scale)
      setSelected(dot?.row.key)
      if (dot?.row.isExpandable) void tree.toggle(dot.row.key)
    },
  })
  const { camera, seeAll, zoom } = look
  useRedraw({ canvas, seeAll, layout })
  useEffect(() => {
    colors.current = undefined
    // The page has its new colours after this.
    const later = requestAnimationFrame(() => zoom(1))
    return () => cancelAnimationFrame(later)
    // oxlint-disable-next-line react/exhaustive-deps -- drawing again reads all the rest by itself
  }, [scheme, selected, labelOf])

  const chosen = layout.dots.find(({ row }) => row.key === selected)?.row.node
  return (
    <>
      <Text size="sm" c="dimmed" mb="xs" id={`${id}-hint`}>
        {say('pictureHint')}
      </Text>
      <div ref={box} className={styles['frame']}>
        {/* oxlint-disable jsx-a11y/no-noninteractive-tabindex, jsx-a11y/no-noninteractive-element-interactions -- an application is moved by keys */}
        <div
          className={styles['stage']}
          role="application"
          aria-label={say('pictureLabel')}
          aria-describedby={`${id}-hint`}
          tabIndex={0}
          onKeyDown={look.onKeyDown}
        >
          <canvas ref={canvas} className={styles['canvas']} aria-hidden />
        </div>
        {/* oxlint-enable jsx-a11y/no-noninteractive-tabindex, jsx-a11y/no-noninteractive-element-interactions */}
        <div className={styles['tools']}>
          <Tool word="zoomIn" Icon={Plus} onPress={() => zoom(1.4)} />
          <Tool word="zoomOut" Icon={Minus} onPress={() => zoom(1 / 1.4)} />
          <Tool word="seeAll" Icon={Maximize} onPress={seeAll} />
        </div>
        {chosen ? (
          <div className={styles['selected']} aria-live="polite">
            <TreePerson node={chosen} />
          </div>
        ) : null}
      </div>
      <ul ref={legend} className={styles['legend']} aria-label={say('legend')}>
        {KINDS.map((kind) => (
          <li key={kind}>
            <span className={`${styles['dot']} ${styles[kind]}`} data-kind={kind} />
            {say(kind)}
          </li>
        ))}
      </ul>
    </>
  )
}

function Tool({
  word,
  Icon,
  onPress,
}: {
  word: 'zoomIn' | 'zoomOut' | 'seeAll'
  Icon: typeof Plus
  onPress: () => void
}) {
  const say = useWords(allReferralsWords)
  return (
    <ActionIcon variant="default" size="lg" aria-label={say(word)} onClick={onPress}>
      <Icon size={18} aria-hidden />
    </ActionIcon>
  )
}

function useLabels(): (dot: Dot) => string {
  const nameOf = usePersonName()
  const { number } = useFormats()
  return useMemo(
    () =>
      ({ row: { node } }) => {
        const name = shorten(nameOf(node))
        return node.total ? `${name} · ${number(node.total)}` : name
      },
    // oxlint-disable-next-line react/exhaustive-deps -- names change with the language, as numbers do
    [number],
  )
}

function shorten(name: string): string {
  const [first = name] = name.split('@')
  return first.length > NAME_MAX ? `${first.slice(0, NAME_MAX)}…` : first
}

/** Draws again when more is open or the picture has another size; sees all as long as nobody has moved. */
function useRedraw({
  canvas,
  seeAll,
  layout,
}: {
  canvas: RefObject<HTMLCanvasElement | null>
  seeAll: () => void
  layout: unknown
}) {
  const latest = useRef(seeAll)
  useEffect(() => {
    latest.current = seeAll
    seeAll()
    // oxlint-disable-next-line react/exhaustive-deps -- what is opened changes the layout alone
  }, [layout])
  useEffect(() => {
    const observer = new ResizeObserver(() => latest.current())
    observer.observe(canvas.current!)
    return () => observer.disconnect()
  }, [canvas])
}

function nearest(dots: Dot[], x: number, y: number, reach: number): Dot | undefined {
  let found: Dot | undefined
  let least = Infinity
  for (const dot of dots) {
    const distance = Math.hypot(dot.x - x, dot.y - y) - dot.radius
    if (distance < reach && distance < least) [found, least] = [dot, distance]
  }
  return found
}

/** The colours as the style sheets have them in this theme, for the canvas knows no variables. */
function readColors(frame: HTMLElement, legend: HTMLElement): Colors {
  const { color, backgroundColor } = getComputedStyle(frame)
  const kinds = [...legend.querySelectorAll<HTMLElement>('[data-kind]')].map(
    (dot) => [dot.dataset['kind']!, getComputedStyle(dot).backgroundColor] as const,
  )
  return {
    ...(Object.fromEntries(kinds) as Record<Kind, string>),
    line: getComputedStyle(frame).borderTopColor,
    text: color,
    ground: backgroundColor,
    focus: getComputedStyle(legend).color,
  }
}
