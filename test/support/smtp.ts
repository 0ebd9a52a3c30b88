import { text } from 'node:stream/consumers'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { whenDone } from './cleanup.ts'
import { freePort } from './network.ts'

export interface Received {
  to: string[]
  raw: string
}

/** An SMTP server of the test's own; `behaviour` makes it refuse, stall or drop. */
export async function startSmtp(behaviour: SMTPServerOptions = {}) {
  const received: Received[] = []
  const port = Number(await freePort())
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData(stream, session, done) {
      const to = session.envelope.rcptTo.map((one) => one.address)
      void text(stream).then((raw) => received.push({ to, raw }))
      stream.once('end', () => done())
    },
    ...behaviour,
  })
  server.on('error', () => {})
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  whenDone(() => server.close(() => {}))
  return { url: `smtp://127.0.0.1:${port}`, received }
}
