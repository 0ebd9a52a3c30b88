import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { PASSWORD } from '../support/app.ts'
import { cloneDatabase } from '../support/database.ts'
import { startService } from '../support/service.ts'
import { startSmtp } from '../support/smtp.ts'

const PEOPLE = 12
const KILLS = 4

test('killed again and again while it sends, every mail arrives, at most one double a kill', async () => {
  const url = await cloneDatabase()
  // Slow to say that it took the mail: the moment between the effect and its acknowledgement is long.
  const smtp = await startSmtp({ onConnect: (_session, done) => void setTimeout(done, 60) })
  const env = { DATABASE_URL: url, SMTP_URL: smtp.url, APP_SECRET: 'x'.repeat(32) }
  let service = await startService(env)
  for (let i = 0; i < PEOPLE; i++) {
    const response = await fetch(`${service.address}/api/v1/auth/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: `person${i}@example.com`, password: PASSWORD }),
    })
    expect(response.status).toBe(201)
    if (i % (PEOPLE / KILLS) === 2) {
      await sleep(Math.random() * 900)
      service.child.kill('SIGKILL')
      await service.exited
      service = await startService(env)
    }
  }
  const recipients = () => smtp.received.flatMap((mail) => mail.to)
  // A job whose worker died is taken for dead after a minute, so this waits up to two.
  for (let tries = 0; new Set(recipients()).size < PEOPLE && tries < 1200; tries++) await sleep(100)
  expect(new Set(recipients()).size).toBe(PEOPLE)
  expect(recipients().length - PEOPLE).toBeLessThanOrEqual(KILLS)
}, 150_000)
