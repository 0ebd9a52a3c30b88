import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import fastify from 'fastify'
import { describe, expect, test } from 'vitest'
import { createAccount, createCode, get, startApp } from '../../test/support/app.ts'
import { answerErrors } from './errors.ts'
import { PORTAL_PATHS } from './portal-paths.ts'
import { portal } from './portal.ts'

const it = await startApp()
const PAGE = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }

describe('a page of the portal', () => {
  test.each(PORTAL_PATHS)('%s is served to everybody, with and without a slash', async (path) => {
    const url = path.replace(':code', 'K7M2QX9D').replace(':user_id', 'me')
    for (const address of url === '/' ? [url] : [url, `${url}/`]) {
      const page = await it.app.inject(address)
      expect(page.statusCode).toBe(200)
      expect(page.headers['content-type']).toBe('text/html; charset=utf-8')
      expect(page.headers['cache-control']).toBe('no-store')
    }
    const head = await it.app.inject({ method: 'HEAD', url })
    expect([head.statusCode, head.body]).toEqual([200, ''])
    expect((await it.app.inject({ method: 'POST', url })).statusCode).toBe(405)
  })

  test('allows itself, and styles with the nonce of this very answer, nothing else', async () => {
    const answers = await Promise.all([it.app.inject('/'), it.app.inject('/')])
    const nonces = answers.map(({ headers, body }) => {
      const policy = String(headers['content-security-policy'])
      const [, nonce] = /style-src 'self' 'nonce-([\w-]{22})'/.exec(policy) ?? []
      expect(policy.replace(nonce!, '…')).toBe(
        "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-…'; img-src 'self' data:; " +
          "connect-src 'self'; font-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
      )
      expect(body).toContain(`nonce="${nonce}"`)
      expect(body).not.toContain('__NONCE__')
      return nonce
    })
    expect(nonces[0]).not.toBe(nonces[1])
  })

  test('speaks the language that is asked for', async () => {
    const headers = { 'accept-language': 'ru' }
    const russian = await it.app.inject({ url: '/login', headers })
    expect(russian.headers).toMatchObject({ 'content-language': 'ru', vary: 'accept-language' })
    expect(russian.body).toContain('<html lang="ru">')
    const english = await it.app.inject({ url: '/login?lang=en', headers })
    expect(english.body).toContain('<html lang="en">')
  })
})

describe('a path that there is not', () => {
  test('is a page for people, and a problem for programs', async () => {
    const page = await it.app.inject({ url: '/no/such/page', headers: PAGE })
    expect(page.statusCode).toBe(404)
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8')
    const problem = await it.app.inject('/no/such/page')
    expect([problem.statusCode, problem.json().code]).toEqual([404, 'not_found'])
  })

  test.each(['/api', '/api/', '/api/v1/nothing', '/api/v1/../nothing', '/assets/nothing.js'])(
    '%s is a problem for everybody',
    async (url) => {
      const answer = await it.app.inject({ url, headers: PAGE })
      expect(answer.statusCode).toBe(404)
      expect(answer.json().code).toBe('not_found')
    },
  )
})

describe('the preview of an invitation', () => {
  const titleOf = (body: string) => /<title>(.*)<\/title>/.exec(body)?.[1]

  test('names who invites, where crawlers look', async () => {
    const ann = await createAccount(it, { username: 'ann.previews' })
    const code = await createCode(it, ann)
    const { body } = await it.app.inject(`/join/${code.toLowerCase()}`)
    expect(titleOf(body)).toBe('ann.previews invited you')
    expect(body).toContain('<meta property="og:title" content="ann.previews invited you">')
    const url = `${it.ctx.config.PUBLIC_URL}/join/${code.toLowerCase()}`
    expect(body).toContain(`<meta property="og:url" content="${url}">`)
    const headers = { 'accept-language': 'ru' }
    const russian = await it.app.inject({ url: `/join/${code}`, headers })
    expect(titleOf(russian.body)).toBe('ann.previews приглашает вас')
  })

  test('names nobody for an unknown, a retired or a hostile code, and writes nothing of it', async () => {
    const ann = await createAccount(it, { username: 'ann.retires' })
    const retired = await createCode(it, ann)
    await it.app.inject({ method: 'DELETE', url: '/api/v1/referrals/code', headers: ann.headers })
    const hostile = encodeURIComponent('"><script>alert(1)</script>')
    for (const code of ['NOSUCHCODE', retired, hostile]) {
      const page = await it.app.inject(`/join/${code}`)
      expect([page.statusCode, titleOf(page.body)]).toEqual([200, 'You are invited'])
      expect(page.body).not.toContain('<script>')
    }
  })

  test('escapes the name', async () => {
    const app = fastify()
    answerErrors(app, it.ctx)
    await app.register(portal, { ctx: it.ctx, inviterOf: async () => '<b>&"</b>' })
    const { body } = await app.inject('/join/K7M2QX9D')
    expect(titleOf(body)).toBe('&#60;b&#62;&#38;&#34;&#60;/b&#62; invited you')
    await app.close()
  })

  test('tells nobody who guesses codes more than the API does', async () => {
    const limited = await startApp({ RATE_LIMITS: 'on' })
    const ann = await createAccount(limited, { username: 'ann.hides' })
    const code = await createCode(limited, ann)
    const headers = { 'x-forwarded-for': '203.0.113.7' }
    const open = (text: string) =>
      limited.app.inject({ url: `/join/${text}`, headers, remoteAddress: '127.0.0.1' })
    expect(titleOf((await open(code)).body)).toBe('ann.hides invited you')
    for (let n = 0; n < 21; n++) await open(`GUESS${n}X`)
    expect(titleOf((await open(code)).body)).toBe('You are invited')
  })
})

describe('files', () => {
  test('are packed as the client unpacks, and kept for ever', async () => {
    const { body } = await it.app.inject('/')
    const url = /src="(\/assets\/[^"]+\.js)"/.exec(body)![1]!
    const ask = (encoding: string) =>
      it.app.inject({ url, headers: { 'accept-encoding': encoding } })
    const [plain, br, gz] = await Promise.all([ask('identity'), ask('br, gzip'), ask('gzip')])
    expect(plain.headers).toMatchObject({
      'content-type': 'application/javascript; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
      etag: expect.any(String),
    })
    expect([br.headers['content-encoding'], gz.headers['content-encoding']]).toEqual(['br', 'gzip'])
    expect(br.headers['vary']).toMatch(/accept-encoding/i)
    expect(brotliDecompressSync(br.rawPayload)).toEqual(plain.rawPayload)
    expect(gunzipSync(gz.rawPayload)).toEqual(plain.rawPayload)
    const headers = {
      'if-none-match': String(plain.headers['etag']),
      'accept-encoding': 'identity',
    }
    expect((await it.app.inject({ url, headers })).statusCode).toBe(304)
    expect((await it.app.inject({ method: 'HEAD', url })).body).toBe('')
  })

  test.each(['/assets/../index.html', '/assets/%2e%2e/index.html', '/assets/..%2fmanifest.json'])(
    '%s leads to no other folder',
    async (url) => {
      const answer = await it.app.inject(url)
      expect(answer.statusCode).toBeGreaterThanOrEqual(400)
      expect(answer.body).not.toContain('<div id="root">')
    },
  )
})

test('a portal that was not built says how to build it, and the API works', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'invitree-portal-'))
  const app = fastify()
  answerErrors(app, it.ctx)
  await app.register(portal, { ctx: it.ctx, folder, inviterOf: async () => null })
  const page = await app.inject('/')
  expect(page.statusCode).toBe(503)
  expect(page.body).toBe(
    'The portal is not built: run `npm run build` and start the service again.\n',
  )
  expect((await app.inject({ url: '/nothing', headers: PAGE })).json().code).toBe('not_found')
  await app.close()
  await rm(folder, { recursive: true })
})

test('it is served from any folder that has been built', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'invitree-portal-'))
  await mkdir(join(folder, 'assets'))
  await writeFile(join(folder, 'index.html'), '<html lang="en"><title>Invitree</title></html>')
  const app = fastify()
  await app.register(portal, { ctx: it.ctx, folder, inviterOf: async () => null })
  expect((await app.inject('/')).body).toBe('<html lang="en"><title>Invitree</title></html>')
  await app.close()
  await rm(folder, { recursive: true })
})

test('the documentation is linked from the portal, and the portal from the documentation', async () => {
  for (const path of ['/docs', '/redoc', '/docs/errors']) {
    expect((await get(it, path)).body).toContain('href="/"')
  }
})
