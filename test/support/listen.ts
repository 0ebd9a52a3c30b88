import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import type { TestApp } from './app.ts'

/** Listens on a port that the system chooses; the address to ask, without a slash at the end. */
export async function listen(it: TestApp): Promise<string> {
  return it.app.listen({ port: 0, host: '127.0.0.1' })
}

/** Sends bytes as they are and returns all that comes back until the server closes. */
export async function sendRaw(address: string, bytes: string): Promise<string> {
  const { hostname, port } = new URL(address)
  const socket = connect(Number(port), hostname)
  socket.setTimeout(60_000, () => socket.destroy())
  socket.write(bytes)
  return text(socket)
}
