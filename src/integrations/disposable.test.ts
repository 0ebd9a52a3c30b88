import mailchecker from 'mailchecker'
import { expect, test } from 'vitest'
import { isDisposable } from './disposable.ts'

test.each([
  'mailinator.com',
  'yopmail.com',
  'any.thing.mailinator.com',
  'YopMail.com',
  '10minutemail.com',
])('%s gives out mailboxes to throw away', (domain) => expect(isDisposable(domain)).toBe(true))

test.each([
  'example.com',
  'example.org',
  'gmail.com',
  'mail.ru',
  'yandex.ru',
  'outlook.com',
  'proton.me',
  'icloud.com',
  'notmailinator.example',
  'mailinator.com.example',
  'com',
  'localhost',
  '',
  'xn--d1acpjx3f.xn--p1ai',
])('"%s" does not', (domain) => expect(isDisposable(domain)).toBe(false))

test.each(['duck.com', 'mozmail.com', 'alias.simplelogin.com', 'ann.anonaddy.me', 'passmail.net'])(
  '%s forwards to a mailbox of the person, and is not refused',
  (domain) => expect(isDisposable(domain)).toBe(false),
)

test('a zone in which anybody has a domain says nothing about that domain', () => {
  expect(isDisposable('our-shop.msk.ru')).toBe(false)
  expect(isDisposable('company.pp.ua')).toBe(false)
})

test('what the package lists is found', () => {
  const sample = [...mailchecker.blacklist()].filter((_, at) => at % 200 === 0)
  expect(sample.length).toBeGreaterThan(200)
  const missed = sample.filter((domain) => !isDisposable(domain))
  expect(missed).toEqual([])
})
