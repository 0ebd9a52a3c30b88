import { once } from 'node:events'
import net from 'node:net'
import { gzipSync } from 'node:zlib'
import { whenDone } from './cleanup.ts'

/** Answers the request for `asked` in a way of its own; `good` is what was hoped for. */
type Behaviour = (socket: net.Socket, good: string, asked: URL) => void

const answer = (status: string, body: string | Buffer = '', headers = '') => {
  const head = `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\n${headers}`
  return Buffer.concat([
    Buffer.from(`${head}content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n`),
    Buffer.from(body),
  ])
}
const says =
  (status: string, body: string | Buffer = '', headers = ''): Behaviour =>
  (socket) =>
    socket.end(answer(status, body, headers))
const raw =
  (text: string): Behaviour =>
  (socket) =>
    socket.end(text)
const redirects =
  (status: string, target: (asked: URL) => string): Behaviour =>
  (socket, _good, asked) =>
    socket.end(answer(status, '', `location: ${target(asked)}\r\n`))
const goodOne = ({ pathname, search }: URL) => pathname.replace(/^\/[^/]*/, '/good') + search
/** Sends pieces until the other side has had enough. */
const forEver =
  (start: string, piece: (good: string) => string, everyMs: number): Behaviour =>
  (socket, good) => {
    socket.write(start)
    const timer = setInterval(() => socket.write(piece(good)), everyMs)
    socket.on('close', () => clearInterval(timer))
  }

const OK = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n'
const CHUNKED = `${OK}transfer-encoding: chunked\r\n\r\n`
const MEGABYTE = 1024 * 1024

/** What a service of others may do instead of answering. None of it may fail or hold up a registration. */
export const HOSTILE: Record<string, Behaviour> = {
  'closes at once': (socket) => socket.end(),
  'resets the connection': (socket) => socket.resetAndDestroy(),
  'never answers': () => {},
  'sends a head and nothing more': (socket) => socket.write(`${OK}content-length: 9\r\n\r\n`),
  'sends headers slowly': forEver('HTTP/1.1 200 OK\r\n', () => 'x-a: b\r\n', 100),
  'sends a byte at a time': forEver(CHUNKED, () => '1\r\n \r\n', 100),
  'sends half and stops': (socket, good) =>
    socket.write(`${OK}content-length: ${good.length}\r\n\r\n${good.slice(0, good.length / 2)}`),
  'sends half and closes': (socket, good) =>
    socket.end(`${OK}content-length: ${good.length}\r\n\r\n${good.slice(0, good.length / 2)}`),
  'sends without an end': forEver(CHUNKED, () => `400\r\n${' '.repeat(1024)}\r\n`, 0),
  'sends 10 MB': says('200 OK', `{"data":"${'x'.repeat(10 * MEGABYTE)}"}`),
  'sends 10 MB before what was hoped for': (socket, good) =>
    socket.end(answer('200 OK', ' '.repeat(10 * MEGABYTE) + good)),
  'sends 100 MB in 100 kB of gzip': says(
    '200 OK',
    gzipSync(Buffer.alloc(100 * MEGABYTE, ' ')),
    'content-encoding: gzip\r\n',
  ),
  'calls plain text gzip': says('200 OK', '{}', 'content-encoding: gzip\r\n'),
  'names a coding that nobody knows': says('200 OK', '{}', 'content-encoding: rot13\r\n'),
  'sends a megabyte of headers': raw(`HTTP/1.1 200 OK\r\nx-a: ${'a'.repeat(MEGABYTE)}\r\n\r\n{}`),
  'sends provisional answers for ever': forEver('', () => 'HTTP/1.1 103 Early Hints\r\n\r\n', 10),
  'switches the protocol': raw(
    'HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n',
  ),
  'speaks another protocol': raw('SSH-2.0-OpenSSH_9.9\r\n'),
  'names two lengths': raw(`${OK}content-length: 2\r\ncontent-length: 3\r\n\r\n{}`),
  'names a length below nothing': raw(`${OK}content-length: -1\r\n\r\n{}`),
  'breaks its chunks': raw(`${CHUNKED}zz\r\n{}\r\n`),
  'redirects to itself': redirects('302 Found', ({ href }) => href),
  'redirects for good': redirects('301 Moved', goodOne),
  'redirects with the method kept': redirects('307 Temporary', goodOne),
  'redirects to a file': redirects('302 Found', () => 'file:///etc/passwd'),
  'is tired (429)': says('429 Too Many Requests', '{"errors":[]}', 'retry-after: 3600\r\n'),
  'is broken (500)': says('500 Internal Server Error', '{"errors":[]}'),
  'is behind a broken gateway (502)': says('502 Bad Gateway', '<html>'),
  'is away (503)': says('503 Service Unavailable', '', 'retry-after: 1\r\n'),
  'wants another key (401)': says('401 Unauthorized', '{}', 'www-authenticate: Basic\r\n'),
  'wants money (402)': says('402 Payment Required', '{}'),
  'forbids it (403)': says('403 Forbidden', '{}'),
  'cannot read the address (400)': says('400 Bad Request', '{}'),
  'may not say (451)': says('451 Unavailable For Legal Reasons', '{}'),
  'invents a status': says('799 Whatever', '{}'),
  'sends an empty answer': says('200 OK', ''),
  'sends nothing on purpose': raw('HTTP/1.1 204 No Content\r\n\r\n'),
  'sends a page': says('200 OK', '<!doctype html><title>Welcome to the airport</title>'),
  'sends JSON cut short': (socket, good) => socket.end(answer('200 OK', good.slice(0, -2))),
  'sends two texts of JSON': (socket, good) => socket.end(answer('200 OK', good + good)),
  'sends null': says('200 OK', 'null'),
  'sends a list': says('200 OK', '[]'),
  'sends a number': says('200 OK', '1e999'),
  'sends other types': says('200 OK', '{"data":{"email":1,"status":[]},"person":"x","company":7}'),
  'sends bytes that are no UTF-8': says('200 OK', Buffer.from('{"data":"\xff\xfe"}', 'latin1')),
  'sends UTF-16': (socket, good) =>
    socket.end(answer('200 OK', Buffer.from(`\ufeff${good}`, 'utf16le'))),
  'nests 30,000 deep': says('200 OK', '['.repeat(30_000) + ']'.repeat(30_000)),
  'names prototypes': says('200 OK', '{"__proto__":{"data":{"status":"invalid"}},"person":[]}'),
}

export interface HostileServer {
  /** Where the service with this behaviour is; any other name is one that answers as it should. */
  url(behaviour: string): string
  /** The head of every request so far. */
  heads: string[]
  /** What the good one says of an address from now on, and what the others do not. */
  answers(body: (email: string) => unknown, status?: string): void
}

/** A service of others that behaves as the first part of the path says. */
export async function startHostileServer(): Promise<HostileServer> {
  const heads: string[] = []
  let good: (email: string) => unknown = () => ({})
  let goodStatus = '200 OK'
  const url = await serve((socket, head) => {
    heads.push(head)
    const asked = new URL(head.split(' ')[1] ?? '', `http://${/^host: (.*)/im.exec(head)?.[1]}`)
    const body = JSON.stringify(good(asked.searchParams.get('email') ?? ''))
    const behave = HOSTILE[decodeURIComponent(asked.pathname.split('/')[1] ?? '')]
    if (behave) behave(socket, body, asked)
    else socket.end(answer(goodStatus, body))
  })
  return {
    url: (behaviour) => `${url}/${encodeURIComponent(behaviour)}`,
    heads,
    answers(body, status = '200 OK') {
      good = body
      goodStatus = status
    },
  }
}

async function serve(onRequest: (socket: net.Socket, head: string) => void): Promise<string> {
  const open = new Set<net.Socket>()
  const server = net.createServer((socket) => {
    open.add(socket.on('close', () => open.delete(socket)).on('error', () => {}))
    // What is no request of ours, such as a stray one to a port used before, is not answered.
    socket.once('data', (head) => {
      try {
        onRequest(socket, String(head))
      } catch {
        socket.destroy()
      }
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  whenDone(() => {
    for (const socket of open) socket.destroy()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as net.AddressInfo).port}`
}
