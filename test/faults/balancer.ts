import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { whenDone } from '../support/cleanup.ts'
import { freePort } from '../support/network.ts'
import { waitFor } from '../support/wait.ts'

export interface Balancer {
  address: string
  /** Gives it no new connection, before it is stopped, and again, when it is back. */
  takeOut(address: string): Promise<void>
  putBack(address: string): Promise<void>
}

/** A balancer of ours: each connection goes to the next instance, those that were taken out excepted. */
export async function startBalancer(addresses: string[]): Promise<Balancer> {
  const inService = new Set(addresses)
  let next = 0
  const server = net.createServer({ noDelay: true }, (near) => {
    const candidates = [...inService]
    const { hostname, port } = new URL(candidates[next++ % candidates.length]!)
    const far = net.connect(Number(port), hostname).setNoDelay()
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.pipe(to)
      from.on('error', () => to.destroy())
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  whenDone(() => server.close())
  return {
    address: `http://127.0.0.1:${(server.address() as net.AddressInfo).port}`,
    takeOut: async (address) => void inService.delete(address),
    putBack: async (address) => void inService.add(address),
  }
}

export const HAPROXY = '/usr/sbin/haproxy'

/** HAProxy as docs/deployment.md configures it; it finds out by itself who is in service. */
export async function startHaproxy(addresses: string[]): Promise<Balancer> {
  const folder = await mkdtemp(join(tmpdir(), 'invitree-haproxy-'))
  const port = await freePort()
  const servers = addresses.map((address, nth) => `  server s${nth} ${new URL(address).host}`)
  await writeFile(
    join(folder, 'haproxy.cfg'),
    `defaults
  mode http
  timeout connect 2s
  timeout client 60s
  timeout server 60s
frontend all
  bind 127.0.0.1:${port}
  default_backend invitree
backend invitree
  balance leastconn
  option forwardfor
  option httpchk GET /readyz
  option redispatch
  retries 2
  retry-on conn-failure empty-response
  default-server check inter 1s fall 1 rise 2
${servers.join('\n')}
`,
  )
  const child = spawn(HAPROXY, ['-f', join(folder, 'haproxy.cfg')], { stdio: 'ignore' })
  whenDone(async () => {
    child.kill('SIGKILL')
    await rm(folder, { recursive: true, force: true })
  })
  const address = `http://127.0.0.1:${port}`
  await waitFor(() =>
    fetch(`${address}/healthz`).then(
      ({ ok }) => ok,
      () => false,
    ),
  )
  return { address, takeOut: async () => {}, putBack: async () => {} }
}
