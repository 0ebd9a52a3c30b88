import { once } from 'node:events'
import net from 'node:net'
import tls from 'node:tls'
import { TIMEOUT_MS } from './http.ts'

/** Connects to where a service answers, with TLS as its address says, and asks nothing; throws why not. */
export async function reach(address: string): Promise<number> {
  const { protocol, hostname, port } = new URL(address)
  const host = hostname.replace(/^\[|\]$/g, '')
  const secure = protocol === 'https:'
  const begun = performance.now()
  const signal = AbortSignal.timeout(TIMEOUT_MS)
  const socket = secure
    ? tls.connect({ host, port: Number(port || 443), ...(!net.isIP(host) && { servername: host }) })
    : net.connect({ host, port: Number(port || 80) })
  try {
    await once(socket, secure ? 'secureConnect' : 'connect', { signal })
    return performance.now() - begun
  } catch (error) {
    throw signal.aborted ? new Error(`no answer within ${TIMEOUT_MS / 1000} s`) : error
  } finally {
    // Whatever still goes wrong with it is nobody's any more.
    socket.on('error', () => {}).destroy()
  }
}
