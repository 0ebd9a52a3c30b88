import { Agent, type IncomingMessage, request, type RequestOptions } from 'node:http'

type Headers = Record<string, string>

/** Asks, and reads the answer to its end. */
export function ask(url: string, options: RequestOptions, body?: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const sent = request(url, options, (answer) => {
      answer.resume()
      answer.on('end', () => resolve(answer))
      answer.on('error', reject)
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

/** Asks over one connection that stays open; answers the status. */
export function createClient(address: string) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const statusOf = async (method: string, path: string, headers: Headers, body?: string) =>
    (await ask(address + path, { method, agent, headers }, body)).statusCode ?? 0
  return {
    get: (path: string, headers: Headers = {}) => statusOf('GET', path, headers),
    post(path: string, given: object) {
      const body = JSON.stringify(given)
      const length = String(Buffer.byteLength(body))
      const headers = { 'content-type': 'application/json', 'content-length': length }
      return statusOf('POST', path, headers, body)
    },
    close: () => agent.destroy(),
  }
}

export type Client = ReturnType<typeof createClient>
