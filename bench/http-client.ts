import { Agent, request } from 'node:http'

type Headers = Record<string, string>

/** Asks over one connection that stays open, and reads each answer to its end; answers the status. */
export function createClient(address: string) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const ask = (method: string, path: string, headers: Headers, body?: string) =>
    new Promise<number>((resolve, reject) => {
      const sent = request(address + path, { method, agent, headers }, (answer) => {
        answer.resume()
        answer.on('end', () => resolve(answer.statusCode ?? 0))
        answer.on('error', reject)
      })
      sent.on('error', reject)
      sent.end(body)
    })
  return {
    get: (path: string, headers: Headers = {}) => ask('GET', path, headers),
    post(path: string, given: object) {
      const body = JSON.stringify(given)
      const length = String(Buffer.byteLength(body))
      const headers = { 'content-type': 'application/json', 'content-length': length }
      return ask('POST', path, headers, body)
    },
    close: () => agent.destroy(),
  }
}

export type Client = ReturnType<typeof createClient>
