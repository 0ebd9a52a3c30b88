import type { AddressInfo } from 'node:net'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { whenDone } from './cleanup.ts'

export interface Received {
  to: string[]
  raw: string
}

/** An SMTP server of the test's own; `behaviour` makes it refuse, stall or drop. */
export async function startSmtp(behaviour: SMTPServerOptions = {}) {
  const received: Received[] = []
  const receive = async (stream: Readable, to: string[], done: () => void) => {
    const raw = await text(stream).catch(() => undefined)
    // The line was dropped: a mail cut short is none.
    if (raw === undefined) return
    received.push({ to, raw })
    done()
  }
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData(stream, session, done) {
      const to = session.envelope.rcptTo.map((one) => one.address)
      void receive(stream, to, done)
    },
    ...behaviour,
  })
  server.on('error', () => {})
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.server.address() as AddressInfo
  whenDone(() => server.close(() => {}))
  return { url: `smtp://127.0.0.1:${port}`, received }
}
