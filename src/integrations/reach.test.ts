import net from 'node:net'
import { expect, test } from 'vitest'
import { whenDone } from '../../test/support/cleanup.ts'
import { freePort } from '../../test/support/network.ts'
import { reach } from './reach.ts'

/** A server that accepts, says this, and hears nothing. */
async function startServer(said = ''): Promise<string> {
  const open = new Set<net.Socket>()
  const server = net.createServer((socket) => {
    open.add(socket.on('error', () => {}))
    if (said) socket.end(said)
  })
  const port = Number(await freePort())
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  whenDone(() => {
    for (const socket of open) socket.destroy()
    server.close()
  })
  return `127.0.0.1:${port}`
}

test('a server that accepts is reached, and is asked nothing', async () => {
  expect(await reach(`http://${await startServer()}/v2`)).toBeGreaterThanOrEqual(0)
})

test('one that is away, has no TLS, or says nothing is told with its reason', async () => {
  const away = reach(`http://127.0.0.1:${await freePort()}`)
  await expect(away).rejects.toThrow(/ECONNREFUSED/)
  await expect(reach(`https://${await startServer('220 no TLS here\r\n')}`)).rejects.toThrow(/SSL/i)
  await expect(reach(`https://${await startServer()}`)).rejects.toThrow('no answer within 3 s')
  await expect(reach('https://nobody.invalid')).rejects.toThrow(/ENOTFOUND|EAI_AGAIN/)
})
