import { defineCommand } from 'citty'
import pino from 'pino'
import { buildApp } from '../app.ts'
import { readConfig } from '../config.ts'
import type { Context } from '../context.ts'
import { orExplain } from './run.ts'

/** The document as text, the same on every machine: made of the routes alone, nothing is opened. */
export async function writeDocument(): Promise<string> {
  const config = readConfig({ PUBLIC_URL: 'http://localhost:8000' })
  const log = pino({ level: 'silent' })
  const described: Partial<Context> = { config, log, secret: '' }
  const app = await buildApp(described as Context)
  await app.ready()
  return `${JSON.stringify(app.swagger(), null, 2)}\n`
}

export const openapi = defineCommand({
  meta: { name: 'openapi', description: 'Print the OpenAPI document.' },
  run: () =>
    orExplain(async () => {
      process.stdout.write(await writeDocument())
    }),
})
