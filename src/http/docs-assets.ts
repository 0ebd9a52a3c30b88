import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, extname, join } from 'node:path'
import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import type { FastifyInstance } from 'fastify'
import { AppError } from '../errors.ts'
import { lazy } from '../lib/lazy.ts'

const { resolve } = createRequire(import.meta.url)
const OWN = join(import.meta.dirname, 'docs')
const SWAGGER_UI = join(dirname(resolve('@fastify/swagger-ui')), 'static')

/** What every page of ours is drawn with. */
export const COMMON_FILES = [join(OWN, 'docs.css'), join(OWN, 'icon.svg')]

const DOCS_FILES = [
  ...COMMON_FILES,
  join(OWN, 'swagger.js'),
  join(OWN, 'redoc.js'),
  join(SWAGGER_UI, 'swagger-ui.css'),
  join(SWAGGER_UI, 'swagger-ui-bundle.js'),
  resolve('redoc/bundles/redoc.standalone.js'),
]

const TYPES: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
}

interface Asset {
  type: string
  packed: Buffer
  version: string
}

/** The address of an asset; it changes with the content, so that a browser may keep it for ever. */
export type AssetUrl = (name: string) => string

/** Serves files of pages, by default the documentation's, packed at the first request for any of them. */
export function serveAssets(
  app: FastifyInstance,
  { path = '/docs/assets', files = DOCS_FILES } = {},
): () => Promise<AssetUrl> {
  const assets = lazy(() => loadAssets(files))

  app.get<{ Params: { name: string } }>(
    `${path}/:name`,
    { schema: { hide: true } },
    async ({ params, headers }, reply) => {
      const asset = (await assets()).get(params.name)
      if (!asset) throw new AppError('not_found')
      const packed = /\bgzip\b/.test(headers['accept-encoding'] ?? '')
      if (packed) void reply.header('content-encoding', 'gzip')
      void reply.type(asset.type).headers({
        'cache-control': 'public, max-age=31536000, immutable',
        vary: 'accept-encoding',
      })
      return packed ? asset.packed : promisify(gunzip)(asset.packed)
    },
  )
  return async () => {
    const found = await assets()
    return (name) => `${path}/${name}?v=${found.get(name)?.version}`
  }
}

async function loadAssets(files: string[]): Promise<Map<string, Asset>> {
  const loaded = files.map(async (file): Promise<[string, Asset]> => {
    const content = ownOnly(await readFile(file, 'utf8'))
    const version = createHash('sha256').update(content).digest('hex').slice(0, 12)
    const packed = await promisify(gzip)(content)
    return [basename(file), { type: TYPES[extname(file)]!, packed, version }]
  })
  return new Map(await Promise.all(loaded))
}

// ReDoc fetches its logo from another host; a picture that is no picture makes it show none.
const ownOnly = (content: string) =>
  content.replaceAll('https://cdn.redoc.ly/redoc/logo-mini.svg', 'data:,')
