import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import net from 'node:net'

// Below those that systems give to whoever asks for any port, or connects from one: what is free stays free.
const FIRST_PORT = 12_000
const PORTS = 20_000
let lastPort = randomInt(PORTS)

/** A port of this machine that nobody listens on, now or soon. */
export async function freePort(): Promise<string> {
  for (;;) {
    lastPort = (lastPort + 1) % PORTS
    const port = FIRST_PORT + lastPort
    if (await isFree(port)) return String(port)
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = net.createServer().listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
  } catch {
    return false
  }
  server.close()
  await once(server, 'close')
  return true
}
