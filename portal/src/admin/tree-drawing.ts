import type { Dot, Layout } from './tree-layout.ts'

/** What is looked at: the point in the middle of the picture, and how much it is enlarged. */
export interface Camera {
  x: number
  y: number
  scale: number
}

export interface Look {
  layout: Layout
  camera: Camera
  colors: Colors
  selected: string | undefined
  labelOf: (dot: Dot) => string
}

const KINDS = ['confirmed', 'pending', 'review', 'refused', 'root'] as const
export type Kind = (typeof KINDS)[number]
export type Colors = Record<Kind | 'line' | 'text' | 'ground' | 'focus', string>

export const kindOf = ({ row }: Dot): Kind => row.node.status ?? 'root'

const LABEL_ROOM = 13
const CURVES_MAX = 3000

/** Draws what is seen of the tree; what lies outside costs a comparison each. */
export function draw(canvas: HTMLCanvasElement, look: Look): void {
  const { clientWidth: width, clientHeight: height } = canvas
  const density = Math.min(devicePixelRatio, 2)
  if (
    canvas.width !== Math.round(width * density) ||
    canvas.height !== Math.round(height * density)
  ) {
    canvas.width = Math.round(width * density)
    canvas.height = Math.round(height * density)
  }
  const brush = canvas.getContext('2d')!
  const { camera, layout } = look
  brush.setTransform(density, 0, 0, density, 0, 0)
  brush.clearRect(0, 0, width, height)
  brush.translate(width / 2, height / 2)
  brush.scale(camera.scale, camera.scale)
  brush.translate(-camera.x, -camera.y)

  const reach = { x: width / 2 / camera.scale, y: height / 2 / camera.scale }
  const isSeen = ({ x, y }: Dot, margin: number) =>
    Math.abs(x - camera.x) < reach.x + margin && Math.abs(y - camera.y) < reach.y + margin
  const margin = 160 / camera.scale
  const seen = layout.dots.filter((dot) => isSeen(dot, margin))
  drawLines(brush, look, (dot) => isSeen(dot, margin) || isSeen(dot.parent!, margin))
  drawDots(brush, seen, look)
  drawLabels(brush, seen, look)
  drawSelected(brush, seen, look)
}

function drawLines(
  brush: CanvasRenderingContext2D,
  { layout, camera, colors }: Look,
  isSeen: (dot: Dot) => boolean,
): void {
  const hanging = layout.dots.filter((dot) => dot.parent && isSeen(dot))
  const isCurved = hanging.length < CURVES_MAX
  brush.strokeStyle = colors.line
  brush.lineWidth = Math.max(1, 1 / camera.scale)
  brush.beginPath()
  for (const dot of hanging) {
    const { parent } = dot
    brush.moveTo(parent!.x, parent!.y)
    if (isCurved && parent!.distance > 0) {
      const { root } = dot
      const middle = (dot.distance + parent!.distance) / 2
      brush.bezierCurveTo(
        root.x + Math.cos(parent!.angle!) * middle,
        root.y + Math.sin(parent!.angle!) * middle,
        root.x + Math.cos(dot.angle!) * middle,
        root.y + Math.sin(dot.angle!) * middle,
        dot.x,
        dot.y,
      )
    } else brush.lineTo(dot.x, dot.y)
  }
  brush.stroke()
}

function drawDots(brush: CanvasRenderingContext2D, seen: Dot[], { camera, colors }: Look): void {
  const least = 1.2 / camera.scale
  for (const kind of KINDS) {
    brush.fillStyle = colors[kind]
    brush.beginPath()
    for (const dot of seen) {
      if (kindOf(dot) !== kind) continue
      const radius = Math.max(dot.radius, least)
      // So small that nobody sees its corners.
      if (radius * camera.scale < 1.4)
        brush.rect(dot.x - radius, dot.y - radius, 2 * radius, 2 * radius)
      else {
        brush.moveTo(dot.x + radius, dot.y)
        brush.arc(dot.x, dot.y, radius, 0, 2 * Math.PI)
      }
    }
    brush.fill()
  }
}

function drawLabels(brush: CanvasRenderingContext2D, seen: Dot[], look: Look): void {
  const { camera, colors } = look
  brush.fillStyle = colors.text
  brush.textBaseline = 'middle'
  for (const dot of seen) {
    const { angle } = dot
    const size = Math.max(dot.radius * camera.scale, 2)
    if (!hasName(dot, camera.scale)) continue
    brush.save()
    brush.translate(dot.x, dot.y)
    brush.scale(1 / camera.scale, 1 / camera.scale)
    // Beyond whoever is open stand those below: their own names are under them.
    const isUnder = angle === undefined || dot.row.isOpen
    const isTurned = !isUnder && Math.cos(angle) < -0.001
    if (!isUnder) brush.rotate(isTurned ? angle + Math.PI : angle)
    brush.font = `${dot.row.isExpandable ? 600 : 400} 12px system-ui, sans-serif`
    brush.textAlign = isUnder ? 'center' : isTurned ? 'right' : 'left'
    const place = isUnder ? { x: 0, y: size + 12 } : { x: (size + 6) * (isTurned ? -1 : 1), y: 0 }
    outline(brush, look.labelOf(dot), { ...place, ground: colors.ground })
    brush.restore()
  }
}

// The farther one is, the fewer are named: at last those with many below alone.
function hasName({ angle, room, radius, row }: Dot, scale: number): boolean {
  if (angle === undefined) return scale > 0.35 || radius * scale > 8
  if (room * scale < LABEL_ROOM) return radius * scale > 14
  return scale > (row.isExpandable ? 0.55 : 0.75)
}

// Lines behind a name would cross it out.
function outline(
  brush: CanvasRenderingContext2D,
  text: string,
  { x, y, ground }: { x: number; y: number; ground: string },
): void {
  brush.strokeStyle = ground
  brush.lineWidth = 3
  brush.lineJoin = 'round'
  brush.strokeText(text, x, y)
  brush.fillText(text, x, y)
}

function drawSelected(brush: CanvasRenderingContext2D, seen: Dot[], look: Look): void {
  const dot = seen.find(({ row }) => row.key === look.selected)
  if (!dot) return
  brush.strokeStyle = look.colors.focus
  brush.lineWidth = 2.5 / look.camera.scale
  brush.beginPath()
  brush.arc(dot.x, dot.y, dot.radius + 5 / look.camera.scale, 0, 2 * Math.PI)
  brush.stroke()
}
