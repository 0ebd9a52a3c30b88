import fastJson from 'fast-json-stringify'
import type { FastifyInstance } from 'fastify'
import { lazy } from '../lib/lazy.ts'

/** Writes answers by the schemas of their operations, each compiled for its first answer. */
export function serializeAnswers(app: FastifyInstance) {
  app.setSerializerCompiler<object>(({ schema }) => {
    const write = lazy(() => fastJson(schema))
    return (answer) => write()(answer)
  })
}
