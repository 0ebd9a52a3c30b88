import { type KeyboardEvent, type RefObject, useEffect, useRef } from 'react'
import type { Camera } from './tree-drawing.ts'

const STEP_PX = 60
const SCALE_MAX = 4
const DRAG_PX = 4

export interface Look {
  camera: Camera
  zoom: (factor: number) => void
  seeAll: () => void
  onKeyDown: (event: KeyboardEvent) => void
}

/**
 * Moves what is looked at: by dragging, the wheel, two fingers and keys. `redraw` is called after each move,
 * `onPress` with the point of the tree that was pressed without dragging.
 */
export function useCamera(
  canvas: RefObject<HTMLCanvasElement | null>,
  size: { width: number; height: number },
  { redraw, onPress }: { redraw: () => void; onPress: (x: number, y: number) => void },
): Look {
  const camera = useRef<Camera>({ x: 0, y: 0, scale: 1 }).current
  const latest = useRef({ size, redraw, onPress })
  useEffect(() => {
    latest.current = { size, redraw, onPress }
  })

  const least = () => {
    const { clientWidth = 800, clientHeight = 600 } = canvas.current ?? {}
    const { width, height } = latest.current.size
    return Math.min(1, clientWidth / width, clientHeight / height)
  }
  const zoom = (factor: number, at = { x: 0, y: 0 }) => {
    const scale = Math.min(SCALE_MAX, Math.max(least() / 2, camera.scale * factor))
    // What is under the pointer stays there.
    camera.x += at.x / camera.scale - at.x / scale
    camera.y += at.y / camera.scale - at.y / scale
    camera.scale = scale
    latest.current.redraw()
  }
  const move = (x: number, y: number) => {
    camera.x += x / camera.scale
    camera.y += y / camera.scale
    latest.current.redraw()
  }
  const seeAll = () => {
    const { width, height } = latest.current.size
    Object.assign(camera, { x: width / 2, y: height / 2, scale: least() })
    latest.current.redraw()
  }
  useEffect(
    () => listen(canvas.current!, { zoom, move, press }),
    // oxlint-disable-next-line react/exhaustive-deps -- they read what is latest by themselves
    [canvas],
  )
  function press(x: number, y: number) {
    latest.current.onPress(camera.x + x / camera.scale, camera.y + y / camera.scale)
  }

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || !pressKey(event.key, { zoom, move, seeAll })) return
    event.preventDefault()
  }
  return { camera, zoom, seeAll, onKeyDown }
}

interface ByKeys {
  zoom: (factor: number) => void
  move: (x: number, y: number) => void
  seeAll: () => void
}

/** Whether the key is one that moves the picture. */
function pressKey(key: string, { zoom, move, seeAll }: ByKeys): boolean {
  const keys: Record<string, () => void> = {
    ArrowLeft: () => move(-STEP_PX, 0),
    ArrowRight: () => move(STEP_PX, 0),
    ArrowUp: () => move(0, -STEP_PX),
    ArrowDown: () => move(0, STEP_PX),
    '+': () => zoom(1.25),
    '=': () => zoom(1.25),
    '-': () => zoom(0.8),
    '0': seeAll,
  }
  keys[key]?.()
  return key in keys
}

interface Moves {
  zoom: (factor: number, at: { x: number; y: number }) => void
  move: (x: number, y: number) => void
  press: (x: number, y: number) => void
}

function listen(canvas: HTMLCanvasElement, moves: Moves): () => void {
  const fingers = new Map<number, PointerEvent>()
  let dragged = 0

  const fromMiddle = ({ clientX, clientY }: { clientX: number; clientY: number }) => {
    const { left, top, width, height } = canvas.getBoundingClientRect()
    return { x: clientX - left - width / 2, y: clientY - top - height / 2 }
  }
  const onWheel = (event: WheelEvent) => {
    event.preventDefault()
    moves.zoom(Math.exp(-event.deltaY * 0.0015), fromMiddle(event))
  }
  const onDown = (event: PointerEvent) => {
    canvas.setPointerCapture(event.pointerId)
    if (fingers.size === 0) dragged = 0
    fingers.set(event.pointerId, event)
  }
  const onMove = (event: PointerEvent) => {
    const before = fingers.get(event.pointerId)
    if (!before) return
    fingers.set(event.pointerId, event)
    const [x, y] = [event.clientX - before.clientX, event.clientY - before.clientY]
    dragged += Math.hypot(x, y)
    const other = [...fingers.values()].find((one) => one.pointerId !== event.pointerId)
    if (other) {
      moves.zoom(apart(event, other) / Math.max(1, apart(before, other)), fromMiddle(other))
    } else if (dragged > DRAG_PX) moves.move(-x, -y)
  }
  const onUp = (event: PointerEvent) => {
    fingers.delete(event.pointerId)
    if (event.type === 'pointercancel' || dragged > DRAG_PX) return
    const { x, y } = fromMiddle(event)
    moves.press(x, y)
  }
  canvas.addEventListener('wheel', onWheel, { passive: false })
  canvas.addEventListener('pointerdown', onDown)
  canvas.addEventListener('pointermove', onMove)
  canvas.addEventListener('pointerup', onUp)
  canvas.addEventListener('pointercancel', onUp)
  return () => {
    canvas.removeEventListener('wheel', onWheel)
    canvas.removeEventListener('pointerdown', onDown)
    canvas.removeEventListener('pointermove', onMove)
    canvas.removeEventListener('pointerup', onUp)
    canvas.removeEventListener('pointercancel', onUp)
  }
}

const apart = (one: PointerEvent, other: PointerEvent) =>
  Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY)
