import type { FastifyInstance, FastifyRequest } from 'fastify'
import { AppError } from '../errors.ts'
import type { FieldError } from './validation.ts'
import { pointerTo, unreadableText } from './validation.ts'

const JSON_TYPES = ['application/json', 'application/merge-patch+json']
const MAX_DEPTH = 8
const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype'])

/** JSON bodies: what cannot be parsed, names that reach into prototypes and deep nesting are 400. */
export function readJsonBodies(app: FastifyInstance) {
  app.removeContentTypeParser('text/plain')
  app.addContentTypeParser(JSON_TYPES, { parseAs: 'string' }, (_request, body, done) => {
    try {
      done(null, parse(body as string))
    } catch (error) {
      done(error as Error)
    }
  })
  app.addHook('preValidation', (request, _reply, done) => {
    if (!isReadable(request.body) || !isReadable(request.query)) refuseUnreadableText(request)
    done()
  })
}

function parse(body: string): unknown {
  if (body === '') return undefined
  let value: unknown
  try {
    value = JSON.parse(body)
  } catch (cause) {
    throw new AppError('malformed_json', { cause })
  }
  for (const { key, depth } of walk(value)) {
    if (depth > MAX_DEPTH) throw new AppError('nested_too_deep', { params: { max: MAX_DEPTH } })
    if (FORBIDDEN.has(key)) throw new AppError('forbidden_key', { params: { key } })
  }
  return value
}

// PostgreSQL keeps no null bytes, and half a surrogate pair is no text.
function isReadable(value: unknown): boolean {
  if (typeof value === 'string') return !value.includes('\0') && value.isWellFormed()
  if (typeof value !== 'object' || value === null) return true
  return Object.values(value).every(isReadable)
}

function refuseUnreadableText(request: FastifyRequest): void {
  const errors: FieldError[] = []
  for (const [part, value] of [
    ['', request.body],
    ['/query', request.query],
  ] as const) {
    for (const { pointer, leaf } of walk(value)) {
      if (typeof leaf === 'string' && !isReadable(leaf)) {
        errors.push({ pointer: part + pointer, code: 'text_unreadable' })
      }
    }
  }
  throw unreadableText(errors)
}

interface Node {
  pointer: string
  key: string
  depth: number
  leaf: unknown
}

function* walk(root: unknown): Generator<Node> {
  const waiting: Node[] = [{ pointer: '', key: '', depth: 0, leaf: root }]
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    yield node
    if (typeof node.leaf !== 'object' || node.leaf === null || node.depth > MAX_DEPTH) continue
    for (const [key, leaf] of Object.entries(node.leaf)) {
      waiting.push({ pointer: node.pointer + pointerTo(key), key, depth: node.depth + 1, leaf })
    }
  }
}
