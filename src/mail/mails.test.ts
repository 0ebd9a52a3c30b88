import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

// In a process of its own: what other tests take meanwhile would count too.
const PROGRAM = `
  const { writeMail } = await import(${JSON.stringify(new URL('mails.ts', import.meta.url).href)})
  const facts = { url: 'https://invite.example/', subject: '', when: new Date() }
  const writeBoth = () => ['en', 'ru'].map((locale) => writeMail('verify', locale, facts))
  writeBoth()
  const before = process.memoryUsage.rss()
  for (let times = 0; times < 2000; times++) writeBoth()
  console.log(process.memoryUsage.rss() - before)
`

test('mails by the thousand leave no memory behind', async () => {
  // As little room for young objects as `npm start` gives: what grows is something else.
  const args = ['--max-semi-space-size=4', '--input-type=module', '--eval', PROGRAM]
  const { stdout } = await promisify(execFile)(process.execPath, args)
  expect(Number(stdout)).toBeLessThan(20e6)
})
