import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { findSetupLink } from '../accounts/setup.ts'
import { buildApp, prepare } from '../app.ts'
import { rotateKeys } from '../auth/keys.ts'
import type { Config } from '../config.ts'
import type { Context, Log } from '../context.ts'
import type { Closing } from '../lib/closing.ts'
import { MINUTE } from '../lib/dates.ts'
import { openContext, openDatabase } from '../open.ts'
import { startWorker } from '../worker.ts'
import { giveBackMemory } from './memory.ts'
import { say } from './run.ts'

const ROTATION_MS = 60 * MINUTE
const DRAIN_MS = 300

interface Opened {
  ctx: Context
  databaseUrl: string
  /** Tells a person where the service is. */
  announce(port: number): void
}

/** Opens what an installation has once, however many processes serve: the database, its keys, its jobs. */
export async function openInstallation(
  { config, log, jobs }: { config: Config; log: Log; jobs: boolean },
  closing: Closing,
): Promise<Opened> {
  const database = await openDatabase(config, 'serve', say)
  closing.add(() => database.stop())
  const { ctx, close } = await openContext(config, database.url, log)
  closing.add(close)
  await prepare(ctx)
  const link = await findSetupLink(ctx)
  const warn = (err: unknown) => log.warn({ err }, 'signing keys not rotated')
  const rotation = setInterval(() => void rotateKeys(ctx).catch(warn), ROTATION_MS)
  closing.add(() => clearInterval(rotation))
  if (jobs) await startWorker(ctx)
  if (!config.SMTP_URL) {
    log.info({ folder: join(config.DATA_DIR, 'outbox') }, 'mails are kept as files')
  }
  return { ctx, databaseUrl: database.url, announce: (port) => announce(port, link) }
}

/** Serves the API. It ends in order: for a moment every answer is the last on its connection, then none comes. */
export async function listen(
  ctx: Context,
  closing: Closing,
  gatherMetrics?: () => Promise<string>,
) {
  const app = await buildApp(ctx)
  if (gatherMetrics) app.gatherMetrics = gatherMetrics
  closing.add(() => app.close())
  await app.ready()
  giveBackMemory()
  await app.listen({ port: ctx.config.PORT, host: ctx.config.HOST })
  closing.add(() => sleep(DRAIN_MS))
  return app
}

function announce(port: number, link: string | undefined): void {
  const address = `http://localhost:${port}`
  say(`Invitree serves on ${address}, its documentation on ${address}/docs`)
  if (link) say(`There is no administrator yet. Make the first one here: ${link}`)
}
