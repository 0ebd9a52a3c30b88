import { once } from 'node:events'
import { get } from 'node:http'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startService } from './programs.ts'

// Exports the referrals of everybody from a seeded database, and shows what memory the service takes by it:
//   DATABASE_URL=postgres://… npx invitree seed --referrals-of-one 1000000 --password …
//   DATABASE_URL=postgres://… node bench/export.ts <administrator's address> <password>
// With NODE_OPTIONS=--max-old-space-size=64 a heap that grew with the file would not reach its end.
const [email, password] = process.argv.slice(2)
const url = process.env['DATABASE_URL']
if (!url || !email || !password) {
  throw new Error('Say DATABASE_URL, and the address and password of an administrator.')
}

// The one that the database was served with, if it was.
const given = process.env['DATA_DIR']
const dataDir = given ?? (await mkdtemp(join(tmpdir(), 'invitree-bench-')))
const options = process.env['NODE_OPTIONS']
const service = await startService(url, dataDir, options ? { NODE_OPTIONS: options } : {})
try {
  const token = await signIn(service.address, { email, password })
  const before = await service.residentMb()
  for (const format of ['csv', 'ndjson']) {
    const path = `/api/v1/admin/referrals/export?format=${format}`
    const { lines, megabytes, seconds, peakMb, earlyMb } = await download(
      service.address + path,
      token,
    )
    process.stdout.write(
      `${format}: ${lines} lines, ${megabytes.toFixed(0)} MB in ${seconds.toFixed(1)} s; ` +
        `resident ${before.toFixed(0)} MB before, at most ${earlyMb.toFixed(0)} MB in the first 100 MB of it and ${peakMb.toFixed(0)} MB in all\n`,
    )
  }
} finally {
  await service.stop()
  if (!given) await rm(dataDir, { recursive: true, force: true })
}

async function signIn(address: string, body: object): Promise<string> {
  const response = await fetch(`${address}/api/v1/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  const answer = (await response.json()) as { access_token?: string; detail?: string }
  if (!answer.access_token) throw new Error(answer.detail)
  return answer.access_token
}

async function download(address: string, token: string) {
  const start = performance.now()
  const request = get(address, { headers: { authorization: `Bearer ${token}` } })
  const [response] = await once(request, 'response')
  let [bytes, lines, earlyMb, peakMb] = [0, 0, 0, 0]
  const look = async () => {
    peakMb = Math.max(peakMb, await service.residentMb())
    if (bytes < 100e6) earlyMb = peakMb
  }
  const watch = setInterval(() => void look(), 100)
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length
    for (const byte of chunk) if (byte === 10) lines++
  }
  clearInterval(watch)
  const seconds = (performance.now() - start) / 1000
  return { lines, megabytes: bytes / 1e6, seconds, peakMb, earlyMb }
}
