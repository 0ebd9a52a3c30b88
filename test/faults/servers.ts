import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type EmbeddedServer, openEmbedded } from '../../src/db/embedded.ts'
import { whenDone } from '../support/cleanup.ts'
import { freePort } from '../support/network.ts'
import { type Service, startService } from '../support/service.ts'

/** Whether the long form runs, by hand: `npm run test:faults -- --long`. */
export const IS_LONG = process.env['FAULTS'] === 'long'

/** How often something is done in the short form, which CI runs, and in the long one. */
export const often = (short: number, long: number): number => (IS_LONG ? long : short)

/** A PostgreSQL of the test's own, which may be killed; it comes back by itself. */
export async function startPostgres(): Promise<EmbeddedServer> {
  const dataDir = await mkdtemp(join(tmpdir(), 'invitree-faults-'))
  const server = await openEmbedded({ dataDir, purpose: 'serve', progress: () => {} })
  whenDone(async () => {
    await server.stop()
    await rm(dataDir, { recursive: true, force: true, maxRetries: 5 })
  })
  return server
}

export interface Instance {
  /** The same after each restart. */
  address: string
  service: Service
  /** Starts it once it has ended, from the tree in another folder where one is given. */
  start(root?: string): Promise<void>
  /** Ends it without a word and starts it again; gives the milliseconds until it served. */
  killAndStart(): Promise<number>
}

/** A service on a port that it keeps, whatever is done to it; limits are off. */
export async function startInstance(env: Record<string, string>): Promise<Instance> {
  const whole = { PORT: await freePort(), RATE_LIMITS: 'off', ...OF_ALL, ...env }
  const instance: Instance = {
    address: `http://127.0.0.1:${whole.PORT}`,
    service: await startService(whole),
    async start(root) {
      instance.service = await startService(whole, [], root)
    },
    async killAndStart() {
      const { child, exited } = instance.service
      child.kill('SIGKILL')
      await exited
      if (child.signalCode !== 'SIGKILL') throw new Error('The service had ended by itself.')
      const since = performance.now()
      await instance.start()
      return performance.now() - since
    },
  }
  return instance
}

// Instances of one installation have these in common.
const OF_ALL = {
  APP_SECRET: 'of the tests of faults, 32 letters',
  PUBLIC_URL: 'http://localhost:8000',
}
