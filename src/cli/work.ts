import { defineCommand } from 'citty'
import { readConfig } from '../config.ts'
import { openContext, openDatabase } from '../open.ts'
import { startWorker } from '../worker.ts'
import { newLog, stopOnSignal } from './process.ts'
import { orExplain, say } from './run.ts'

export const work = defineCommand({
  meta: {
    name: 'work',
    description: 'Run the background jobs alone, beside services started with --no-worker.',
  },
  run: () => orExplain(start),
})

async function start(): Promise<void> {
  const config = readConfig(process.env)
  const log = newLog(config)
  const database = await openDatabase(config, 'command', say)
  const { ctx, close } = await openContext(config, database.url, log)
  // Before the first job, which a signal must not cut off.
  stopOnSignal(
    log,
    () => {},
    async () => {
      await close()
      await database.stop()
    },
  )
  await startWorker(ctx)
  say('Invitree works on background jobs.')
}
