import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import net from 'node:net'
import { whenDone } from './cleanup.ts'

export interface Proxy {
  url: string
  /** Silences for good all that is connected, and all that comes until it is healed. */
  cut(): void
  /** Ends all that is connected, and all that comes until it is healed. */
  refuse(): void
  heal(): void
  /** Until it is healed, whoever sends COMMIT is committed but hears nothing: the connection ends. */
  loseCommits(): void
}

/** A network of one's own in front of the server at `target`, reached over TCP or a Unix socket. */
export async function startProxy(target: string): Promise<Proxy> {
  const open = new Set<{ silent: boolean; near: net.Socket }>()
  let down = false
  let refusing = false
  let losing = false
  const server = net.createServer((near) => {
    const far = connectTo(target)
    const pair = { silent: down, near }
    if (refusing) near.destroy()
    open.add(pair)
    const pass = (from: net.Socket, to: net.Socket) => {
      from.on('data', (chunk) => {
        if (losing && from === far && chunk.includes('COMMIT\0')) near.destroy()
        else if (!pair.silent) to.write(chunk)
      })
      from.on('error', () => {})
      from.on('close', () => pair.silent || to.destroy())
    }
    pass(near, far)
    pass(far, near)
  })
  const port = await listenAnywhere(server)
  whenDone(() => server.close())
  return {
    url: throughPort(target, port),
    cut() {
      down = true
      for (const pair of open) pair.silent = true
    },
    refuse() {
      refusing = true
      for (const { near } of open) near.destroy()
    },
    heal() {
      refusing = false
      down = false
      losing = false
    },
    loseCommits: () => void (losing = true),
  }
}

// Below those that systems give to whoever asks for any port, or connects from one: what is free stays free.
const FIRST_PORT = 12_000
const PORTS = 20_000
let lastPort = randomInt(PORTS)

/** A port of this machine that nobody listens on, now or soon. */
export async function freePort(): Promise<string> {
  for (;;) {
    lastPort = (lastPort + 1) % PORTS
    const server = net.createServer()
    const port = await listenAnywhere(server, FIRST_PORT + lastPort).catch(() => undefined)
    if (!port) continue
    await new Promise((closed) => server.close(closed))
    return port
  }
}

async function listenAnywhere(server: net.Server, port = 0): Promise<string> {
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || !address) throw new Error('not listening')
  return String(address.port)
}

function connectTo(target: string): net.Socket {
  const { hostname, port, searchParams } = new URL(target)
  const folder = searchParams.get('host')
  if (!folder) return net.connect(Number(port), hostname)
  return net.connect(`${folder}/.s.PGSQL.${searchParams.get('port')}`)
}

function throughPort(target: string, port: string): string {
  const url = new URL(target)
  url.searchParams.delete('host')
  url.searchParams.delete('port')
  url.hostname = '127.0.0.1'
  url.port = port
  return url.href
}
