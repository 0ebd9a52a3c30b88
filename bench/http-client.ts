import { Agent, request } from 'node:http'

/** Asks over one connection that stays open, and reads each answer to its end; answers the status. */
export function createClient(address: string) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const ask = (method: string, path: string, body?: string) =>
    new Promise<number>((resolve, reject) => {
      const headers = body === undefined ? {} : JSON_OF(body)
      const sent = request(address + path, { method, agent, headers }, (answer) => {
        answer.resume()
        answer.on('end', () => resolve(answer.statusCode ?? 0))
        answer.on('error', reject)
      })
      sent.on('error', reject)
      sent.end(body)
    })
  return {
    get: (path: string) => ask('GET', path),
    post: (path: string, body: object) => ask('POST', path, JSON.stringify(body)),
    close: () => agent.destroy(),
  }
}

const JSON_OF = (body: string) => ({
  'content-type': 'application/json',
  'content-length': Buffer.byteLength(body),
})

export type Client = ReturnType<typeof createClient>
