import { expect, test } from 'vitest'
import { send, startApp } from '../support/app.ts'
import { listen, sendRaw } from '../support/listen.ts'

const it = await startApp()
const address = await listen(it)

const each = (starts: string[], ends: string[]) =>
  starts.flatMap((start) => ends.map((end) => `/${start}${end}`))

/** Where scanners look for what was left lying about, and for the doors of other programs. */
const PATHS = [
  ...each(['', 'api/', 'src/', 'portal/', 'assets/', 'docs/'], ['.env', '.git/config', '.npmrc']),
  ...each(['.env'], ['.local', '.production', '.bak', '.example', '.old', '~', '.swp', '.js']),
  ...each(
    ['.git/'],
    ['HEAD', 'index', 'logs/HEAD', 'refs/heads/main', 'objects/', 'COMMIT_EDITMSG'],
  ),
  ...each(['.'], ['svn/entries', 'hg/hgrc', 'DS_Store', 'htaccess', 'htpasswd', 'bash_history']),
  ...each(['.'], ['ssh/id_rsa', 'aws/credentials', 'docker/config.json', 'vscode/settings.json']),
  ...each(['.'], ['ci/run', 'dockerignore', 'gitignore', 'oxlintrc.json', 'well-known/', 'idea/']),
  ...each(
    ['backup', 'dump', 'db', 'database', 'invitree', 'site', 'www', 'data', 'old', 'users'],
    ['.sql', '.sql.gz', '.zip', '.tar.gz', '.bak', '.7z', '.sqlite', '.csv'],
  ),
  ...each(
    [
      'package.json',
      'package-lock.json',
      'src/app.ts',
      'src/config.ts',
      'openapi.yaml',
      'README.md',
    ],
    ['', '.bak', '~', '%00', '.map', '/', '%20'],
  ),
  ...each(
    ['data/', 'data/embedded/', 'outbox/', ''],
    ['secrets.json', 'postmaster.pid', 'PG_VERSION'],
  ),
  ...each(
    ['node_modules/', 'migrations/', 'bin/', 'test/'],
    ['', 'index.js', 'package.json', '.bin'],
  ),
  ...each(
    ['admin', 'index', 'login', 'wp-login', 'xmlrpc', 'phpinfo', 'info', 'test'],
    ['.php', '.asp'],
  ),
  ...each(
    ['wp-admin', 'wp-content', 'phpmyadmin', 'adminer', 'cgi-bin', 'manager/html'],
    ['', '/'],
  ),
  ...each(['actuator'], ['', '/env', '/heapdump', '/health', '/mappings', '/loggers', '/beans']),
  ...each(['server-', ''], ['status', 'info', 'debug', 'console', 'trace', 'dump', 'heap', 'env']),
  ...each(
    ['debug/', '_', 'internal/', 'private/'],
    ['pprof', 'profiler', 'vars', 'config', 'stats'],
  ),
  ...each(['graphql', 'graphiql', 'api-docs', 'v2/api-docs', 'solr', 'jenkins'], ['', '/']),
  ...each(
    ['config', 'settings', 'credentials', 'secrets'],
    ['.json', '.yml', '.js', '.ini', '.xml'],
  ),
  ...each(['id_rsa', 'server', 'private', 'cert'], ['', '.key', '.pem', '.crt', '.p12']).slice(1),
  ...each(['docker-compose', 'Dockerfile', 'Makefile', 'compose', 'web'], ['', '.yml', '.config']),
  ...each(['error', 'access', 'debug', 'npm-debug', 'app'], ['.log', '.log.1', '.log.gz']),
  ...each(['api/v1/', 'api/v2/', 'api/'], ['debug', 'env', 'internal', 'actuator', 'users.json']),
]

test(`none of ${PATHS.length} names is there, for programs or for people`, async () => {
  expect(new Set(PATHS).size).toBeGreaterThanOrEqual(300)
  const found: string[] = []
  for (const url of PATHS) {
    for (const accept of ['*/*', 'text/html']) {
      const { statusCode, body } = await send(it, { method: 'GET', url, headers: { accept } })
      if (statusCode !== 404 || /^\s+at |\.ts:\d/m.test(body)) found.push(`${url} ${statusCode}`)
    }
  }
  expect(found).toEqual([])
})

test.each([
  '/../package.json',
  '/assets/../../package.json',
  '/assets/..%2f..%2fpackage.json',
  '/assets/%2e%2e/%2e%2e/package.json',
  '/assets/..%5c..%5cpackage.json',
  '/assets/%252e%252e/package.json',
  '/assets//etc/passwd',
  '/assets/%00',
  '/docs/static/..%2f..%2f..%2fpackage.json',
  '/redoc/../../package.json',
])('%s leads to no file', async (target) => {
  const answer = await sendRaw(
    address,
    `GET ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
  )
  expect(answer).toMatch(/^HTTP\/1\.1 40[034] /)
  expect(answer).not.toContain('"dependencies"')
})
