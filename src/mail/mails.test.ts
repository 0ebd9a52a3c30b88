import { expect, test } from 'vitest'
import { writeMail } from './mails.ts'

const MB = 2 ** 20

test('mails by the thousand leave no memory behind', () => {
  const facts = { url: 'https://invite.example/', subject: '', when: new Date() }
  const write = () => writeMail('verify', 'en', facts)
  write()
  const before = process.memoryUsage.rss()
  for (let mail = 0; mail < 3000; mail++) write()
  expect((process.memoryUsage.rss() - before) / MB).toBeLessThan(20)
})
