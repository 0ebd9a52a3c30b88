import { setTimeout as sleep } from 'node:timers/promises'
import { httpLoad } from './load.ts'
import type { Program } from './programs.ts'
import type { Referrer } from './referrer.ts'
import { API, registering } from './requests.ts'
import { slope } from './statistics.ts'

const EVERY_MS = 5000
const ROUND_SECONDS = 30

/**
 * Asks for lists, checks and share links and registers people, without pause, and tells how the service's resident
 * memory went. The first half lets it become as large as it will be; the slope is that of the second, in MB a minute.
 */
export async function watchMemory(
  service: Program,
  referrer: Referrer,
  { minutes, say }: { minutes: number; say: (line: string) => void },
): Promise<string> {
  const began = performance.now()
  const passed = () => (performance.now() - began) / 60_000
  const seen: { minute: number; mb: number }[] = []
  const look = async () => void seen.push({ minute: passed(), mb: await service.residentMb() })
  await look()
  const watching = setInterval(() => void look(), EVERY_MS)
  try {
    while (passed() < minutes) {
      await askForAll(service, referrer, Math.min(ROUND_SECONDS, minutes * 60))
      say(`after ${passed().toFixed(1)} minutes ${megabytes(seen.at(-1)!.mb)}`)
    }
  } finally {
    clearInterval(watching)
  }
  await sleep(60_000)
  const last = seen.slice(seen.length >> 1)
  const [most, rest] = [Math.max(...seen.map(({ mb }) => mb)), await service.residentMb()]
  const grows = slope(last.map(({ minute, mb }) => [minute, mb]))
  return (
    `${minutes} minutes of load: ${megabytes(seen[0]!.mb)} before, at most ${megabytes(most)}, ` +
    `${megabytes(rest)} a minute after; in the second half ${grows.toFixed(2)} MB a minute`
  )
}

const megabytes = (mb: number) => `${mb.toFixed(0)} MB`

async function askForAll(service: Program, referrer: Referrer, seconds: number): Promise<void> {
  const { headers, code } = referrer
  const urls = [`${API}/users/me/referrals`, `${API}/referrals/codes/${code}`, `/r/${code}`]
  const reading = urls.map((path) =>
    httpLoad(service, { url: service.address + path, headers, connections: 8 }),
  )
  const loads = [...reading, registering(service, () => code)]
  await Promise.all(loads.map((load) => load(seconds)))
}
