import { inject } from 'vitest'
import { whenDone } from './cleanup.ts'
import { newName, onServer, urlOf } from './server.ts'

/**
 * The address of a new database of one's own, migrated and empty unless another one is to be copied (`template0`
 * has nothing at all). It is dropped when the test file is done, after all that was opened later.
 */
export async function cloneDatabase(template = inject('template')): Promise<string> {
  const server = inject('serverUrl')
  const name = newName()
  await onServer(server, `create database ${name} template ${template}`)
  whenDone(() => onServer(server, `drop database if exists ${name} with (force)`))
  return urlOf(server, name)
}
