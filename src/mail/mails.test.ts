import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

// In a process of its own: what other tests take meanwhile would count too.
const PROGRAM = `
  import { writeMail } from '${import.meta.dirname}/mails.ts'
  const facts = { url: 'https://invite.example/', subject: '', when: new Date() }
  const write = () => writeMail('verify', 'en', facts)
  write()
  const before = process.memoryUsage.rss()
  for (let mail = 0; mail < 3000; mail++) write()
  console.log(process.memoryUsage.rss() - before)
`

test('mails by the thousand leave no memory behind', async () => {
  const args = ['--input-type=module', '--eval', PROGRAM]
  const { stdout } = await promisify(execFile)(process.execPath, args)
  expect(Number(stdout)).toBeLessThan(20e6)
})
