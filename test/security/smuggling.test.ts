import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { startApp } from '../support/app.ts'
import { listen } from '../support/listen.ts'

const it = await startApp()
const address = await listen(it)

const SECOND = 'GET /second HTTP/1.1\r\nHost: a\r\n\r\n'
const CHUNKS = `0\r\n\r\n${SECOND}`
const post = (headers: string, body = CHUNKS) =>
  `POST /api/v1/auth/revoke HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n${headers}\r\n\r\n${body}`
const fetch = (headers: string, body = '') => `GET /healthz HTTP/1.1\r\n${headers}\r\n\r\n${body}`

/** What two servers in a row could divide differently, so that the second request is nobody's. */
const REFUSED: [string, string][] = [
  [
    'both lengths, CL first',
    post(`Content-Length: ${CHUNKS.length}\r\nTransfer-Encoding: chunked`),
  ],
  ['both lengths, TE first', post(`Transfer-Encoding: chunked\r\nContent-Length: 4`)],
  ['TE that is hidden by a space before the colon', post('Transfer-Encoding : chunked')],
  ['TE after a vertical tab', post('Transfer-Encoding: \x0bchunked')],
  ['TE before a null byte', post('Transfer-Encoding: chunked\0')],
  ['TE of an unknown coding', post('Transfer-Encoding: xchunked')],
  ['TE that does not end in chunked', post('Transfer-Encoding: chunked, identity')],
  [
    'TE in two lines, the last one unknown',
    post('Transfer-Encoding: chunked\r\nTransfer-Encoding: cow'),
  ],
  [
    'TE in two lines, the first one unknown',
    post('Transfer-Encoding: cow\r\nTransfer-Encoding: chunked\r\nContent-Length: 4'),
  ],
  ['TE named twice in a line', post('Transfer-Encoding: chunked, chunked\r\nContent-Length: 4')],
  ['TE quoted', post('Transfer-Encoding: "chunked"')],
  ['TE folded', post('Transfer-Encoding:\r\n chunked')],
  [
    'TE of HTTP/1.0 with a length',
    post('Transfer-Encoding: chunked\r\nContent-Length: 4').replace('1.1', '1.0'),
  ],
  ['two lengths that differ', post('Content-Length: 0\r\nContent-Length: 5')],
  ['two lengths in a line', post('Content-Length: 5, 6')],
  ['a length with a plus', post('Content-Length: +5')],
  ['a negative length', post('Content-Length: -1')],
  ['a length in hexadecimal', post('Content-Length: 0x5')],
  ['a length with a letter', post('Content-Length: 5a')],
  ['an empty length', post('Content-Length:')],
  ['a length beyond all numbers', post('Content-Length: 99999999999999999999999')],
  ['a length hidden by a space before the colon', post('Content-Length : 0')],
  ['a folded length', post('Content-Length:\r\n 0')],
  ['a chunk in 0x', post('Transfer-Encoding: chunked', `0x0\r\n\r\n${SECOND}`)],
  ['a chunk of negative size', post('Transfer-Encoding: chunked', `-1\r\n\r\n${SECOND}`)],
  [
    'a chunk of a size beyond all numbers',
    post('Transfer-Encoding: chunked', `${'f'.repeat(17)}\r\n${SECOND}`),
  ],
  ['a chunk size after a space', post('Transfer-Encoding: chunked', ` 0\r\n\r\n${SECOND}`)],
  ['a chunk size ended by a bare LF', post('Transfer-Encoding: chunked', `0\n\n${SECOND}`)],
  [
    'a chunk extension with a bare LF',
    post('Transfer-Encoding: chunked', `2;a\nxx\r\n0\r\n\r\n${SECOND}`),
  ],
  [
    'a chunk extension with a bare CR',
    post('Transfer-Encoding: chunked', `2;a\rxx\r\n0\r\n\r\n${SECOND}`),
  ],
  [
    'a chunk longer than it says',
    post('Transfer-Encoding: chunked', `1\r\n{}\r\n0\r\n\r\n${SECOND}`),
  ],
  [
    'a chunk that ends in a bare LF',
    post('Transfer-Encoding: chunked', `2\r\n{}\n0\r\n\r\n${SECOND}`),
  ],
  [
    'a length in a trailer',
    post(
      'Transfer-Encoding: chunked',
      `d\r\n{"token":"x"}\r\n0\r\nContent-Length: 9\r\n\r\n${SECOND}`,
    ),
  ],
  ['no version', `GET /healthz\r\n\r\n${SECOND}`],
  ['a header folded', fetch(`Host: a\r\nX: 1\r\n GET /second HTTP/1.1`)],
  ['a first header folded', fetch(` X: 1\r\nHost: a`)],
  ['lines that end in bare LF', `GET /healthz HTTP/1.1\nHost: a\n\n${SECOND}`],
  ['lines that end in bare CR', `GET /healthz HTTP/1.1\rHost: a\r\r${SECOND}`],
  ['a bare CR in a header', fetch('Host: a\r\nX: 1\rY: 2')],
  ['a null byte in a header', fetch('Host: a\r\nX: \0')],
  ['a header without a name', fetch('Host: a\r\n: x')],
  ['a header without a colon', fetch('Host: a\r\nX')],
  ['no Host', fetch('X: 1')],
  ['a target without a slash', fetch('Host: a').replace('/healthz', 'healthz')],
  ['a target with a space', fetch('Host: a').replace('/healthz', '/heal thz')],
  ['a target with a null byte', fetch('Host: a').replace('/healthz', '/heal\0thz')],
  ['a version there is not', fetch('Host: a').replace('1.1', '1.9')],
  ['a version of two digits', fetch('Host: a').replace('1.1', '11.1')],
  ['HTTP/2 at once', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ['a method in small letters', fetch('Host: a').replace('GET', 'get')],
]

/** What every server divides alike, but which one of several hosts is meant. */
const AMBIGUOUS: [string, string][] = [
  ['two Hosts', fetch('Host: a\r\nHost: b')],
  ['two Hosts that are the same', fetch('host: a\r\nHOST: a')],
  ['a whole address for a target', fetch('Host: a').replace('/healthz', 'http://b/healthz')],
]

/** What every server divides alike. */
const ONE: [string, string][] = [
  ['a body after a length', post('Content-Length: 13', '{"token":"x"}')],
  ['a header of two spaces and a tab', post('Content-Length: \t 13 \t', '{"token":"x"}')],
  ['chunks', post('Transfer-Encoding: chunked', 'd\r\n{"token":"x"}\r\n0\r\n\r\n')],
  [
    'chunks in a coding of another case',
    post('Transfer-Encoding: CHUNKED', 'd\r\n{"token":"x"}\r\n0\r\n\r\n'),
  ],
  [
    'a chunk with an extension',
    post('Transfer-Encoding: chunked', 'd;a=b\r\n{"token":"x"}\r\n0\r\n\r\n'),
  ],
  [
    'a header of another name',
    post('Transfer_Encoding: chunked\r\nContent-Length: 13', '{"token":"x"}'),
  ],
  ['an empty line before it', `\r\n${fetch('Host: a')}`],
  ['a body with GET', fetch(`Host: a\r\nContent-Length: ${SECOND.length}`, SECOND)],
]

const answersTo = async (bytes: string) => {
  const { hostname, port } = new URL(address)
  const socket = connect(Number(port), hostname)
  socket.on('error', () => {})
  socket.write(Buffer.from(bytes, 'latin1'))
  const answer = await text(socket).catch(() => '')
  return [...answer.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status))
}

test.each(REFUSED)('%s is refused, and nothing after it is read', async (_name, bytes) => {
  expect(await answersTo(bytes)).toEqual([400])
})

const LAST = 'GET /last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'

test.each(ONE)('%s is one request', async (_name, bytes) => {
  expect(await answersTo(bytes + LAST)).toEqual([200, 404])
})

test.each(AMBIGUOUS)('%s is refused by itself', async (_name, bytes) => {
  expect(await answersTo(bytes + LAST)).toEqual([400, 404])
})

test('an upgrade to HTTP/2 is answered, and not made', async () => {
  const upgrade = 'Connection: Upgrade, close\r\nUpgrade: h2c\r\nHTTP2-Settings: AAA'
  expect(await answersTo(fetch(`Host: a\r\n${upgrade}`, SECOND))).toEqual([200])
})

test('a tunnel is not opened', async () => {
  expect(await answersTo('CONNECT b:443 HTTP/1.1\r\nHost: b:443\r\n\r\n')).toEqual([])
})

test('TRACE reflects nothing', async () => {
  const trace = fetch('Host: a\r\nConnection: close').replace('GET', 'TRACE')
  expect(await answersTo(trace)).toEqual([404])
})

test('two requests in a row are two', async () => {
  expect(await answersTo(fetch('Host: a') + SECOND + LAST)).toEqual([200, 404, 404])
})
