import { once } from 'node:events'
import net from 'node:net'
import { whenDone } from './cleanup.ts'

/** A line of one's own to a server, which does to what passes whatever it is told, until `pass`. */
export interface Proxy {
  url: string
  /** How often it did what it was told: connections ended or silenced, replies kept back, pieces delayed. */
  bites: number
  pass(): void
  /** Holds back each piece for so long, in both directions. */
  delay(ms: number): void
  /** Ends all that is connected; what comes is served. */
  cut(): void
  /** The same with a reset. */
  reset(): void
  /** Ends all that is connected, and all that comes. */
  refuse(): void
  /** Silences for good all that is connected, and all that comes. */
  blackHole(): void
  /** Whoever sends COMMIT is committed but hears nothing: the connection ends, or stays silent. */
  loseCommits(how?: 'ended' | 'silent'): void
  /** The same of statements that are answered with this tag, as `UPDATE 1`; the connection ends. */
  loseAnswers(tag: string): void
  /** From the next COMMIT on that succeeds, and is told, it refuses. */
  refuseAfterCommit(): void
}

type Mode = 'pass' | 'refuse' | 'refuse next' | 'black hole' | 'answers ended' | 'answers silent'

interface Line {
  near: net.Socket
  /** Nothing where it came into a black hole, of which no server hears. */
  far?: net.Socket
  silent: boolean
}

/** Listens on a port of its own and passes all on to the server at `target`, over TCP or a Unix socket. */
export async function startProxy(target: string): Promise<Proxy> {
  const lines = new Set<Line>()
  let mode: Mode = 'pass'
  let delayMs = 0
  let lostTag = 'COMMIT'
  const server = net.createServer({ noDelay: true }, (near) => {
    if (mode !== 'refuse') open(near)
    else {
      bite()
      near.destroy()
    }
  })

  function open(near: net.Socket): void {
    const line: Line = { near, silent: mode === 'black hole' }
    lines.add(line)
    near.on('close', () => lines.delete(line))
    if (line.silent) {
      bite()
      near.on('error', () => {}).resume()
      return
    }
    const far = connectTo(target)
    line.far = far
    join({ from: near, to: far, line })
    join({ from: far, to: near, line, answers: true })
  }

  function join({ from, to, line, answers = false }: Joint): void {
    from.on('data', (piece) => {
      const isTagged = answers && piece.includes(`${lostTag}\0`)
      if (isTagged && mode.startsWith('answers')) lose(line)
      if (line.silent) return
      const last = isTagged && mode === 'refuse next'
      if (delayMs === 0) to.write(piece, last ? proxy.refuse : undefined)
      else {
        bite()
        setTimeout(() => to.write(piece), delayMs)
      }
    })
    from.on('error', () => {})
    from.on('close', () => line.silent || to.destroy())
  }

  function lose(line: Line): void {
    bite()
    line.silent = true
    if (mode !== 'answers ended') return
    line.near.destroy()
    // Else the server would keep a place for each: it has a hundred.
    line.far?.destroy()
  }

  const bite = () => void proxy.bites++
  const endAll = (end: (near: net.Socket) => void) => {
    for (const { near } of lines) {
      bite()
      end(near)
    }
  }
  const proxy: Proxy = {
    url: '',
    bites: 0,
    pass() {
      mode = 'pass'
      delayMs = 0
      lostTag = 'COMMIT'
    },
    delay: (ms) => void (delayMs = ms),
    cut: () => endAll((near) => near.destroy()),
    reset: () => endAll((near) => near.resetAndDestroy()),
    refuse() {
      mode = 'refuse'
      endAll((near) => near.destroy())
    },
    blackHole() {
      mode = 'black hole'
      for (const line of lines) line.silent = true
      proxy.bites += lines.size
    },
    loseCommits: (how = 'ended') => void (mode = `answers ${how}`),
    loseAnswers(tag) {
      lostTag = tag
      mode = 'answers ended'
    },
    refuseAfterCommit: () => void (mode = 'refuse next'),
  }
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  whenDone(() => {
    endAll((near) => near.destroy())
    server.close()
  })
  proxy.url = through(target, (server.address() as net.AddressInfo).port)
  return proxy
}

interface Joint {
  from: net.Socket
  to: net.Socket
  line: Line
  /** Whether it carries what the server says. */
  answers?: boolean
}

function connectTo(target: string): net.Socket {
  const { protocol, hostname, port, searchParams } = new URL(target)
  const folder = searchParams.get('host')
  const usual = protocol === 'redis:' ? 6379 : 5432
  if (!folder) return net.connect(Number(port) || usual, hostname).setNoDelay()
  return net.connect(`${folder}/.s.PGSQL.${searchParams.get('port')}`)
}

function through(target: string, port: number): string {
  const url = new URL(target)
  url.searchParams.delete('host')
  url.searchParams.delete('port')
  url.hostname = '127.0.0.1'
  url.port = String(port)
  return url.href
}
