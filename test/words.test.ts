import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { catalogue, type Catalogue, type Text, wordsIn } from '../portal/src/words/catalogue.ts'
import { CATALOGUE } from '../src/error-catalogue.ts'
import { type MailFacts, writeMail } from '../src/mail/mails.ts'

const FOLDER = join(import.meta.dirname, '../portal/src/words')
const LANGUAGES = ['en', 'ru'] as const
const files = readdirSync(FOLDER).filter((file) => !/catalogue|use-words/.test(file))
const modules = await Promise.all(
  files.map((file) => import(join(FOLDER, file)) as Promise<Record<string, Catalogue>>),
)
const catalogues = modules.flatMap((module, at) =>
  Object.entries(module).map(([name, words]): [string, Catalogue] => [
    `${files[at]} ${name}`,
    words,
  ]),
)

const placesOf = (text: string) =>
  [...text.matchAll(/\{(\w+)\}/g)].map(([place]) => place).toSorted()
const formsOf = (text: Text): [string, string][] =>
  typeof text === 'string' ? [['', text]] : Object.entries(text)
const everyText = (words: Catalogue, language: 'en' | 'ru') =>
  Object.entries(words[language]).flatMap(([key, text]) =>
    formsOf(text).map(([form, one]) => ({ key: form ? `${key}.${form}` : key, text: one })),
  )

test('there are catalogues of words', () => {
  expect(catalogues.length).toBeGreaterThanOrEqual(2)
})

describe.each(catalogues)('the words of %s', (_, words) => {
  test('say the same things in both languages, with the same places', () => {
    expect(Object.keys(words.ru)).toEqual(Object.keys(words.en))
    for (const [key, english] of Object.entries(words.en)) {
      const [wanted] = formsOf(english).map(([, text]) => placesOf(text))
      for (const [form, text] of [...formsOf(english), ...formsOf(words.ru[key]!)]) {
        // "One friend" may leave its number out.
        const places =
          form === 'one' ? [...new Set([...placesOf(text), '{count}'])] : placesOf(text)
        expect(places.toSorted(), `${key} ${form}`).toEqual(wanted)
      }
    }
  })

  test('have each form of counting that the language has', () => {
    for (const language of LANGUAGES) {
      const { pluralCategories } = new Intl.PluralRules(language).resolvedOptions()
      for (const [key, text] of Object.entries(words[language])) {
        if (typeof text === 'string') continue
        expect(Object.keys(text).toSorted(), `${language} ${key}`).toEqual(
          pluralCategories.toSorted(),
        )
      }
    }
  })

  test('are sentences without shouting, straight quotes, empty texts or a formal capital', () => {
    for (const language of LANGUAGES) {
      for (const { key, text } of everyText(words, language)) {
        expect(text.trim(), key).not.toBe('')
        expect(text, key).not.toMatch(/!|\.\.\.|\s{2}/)
        // «вы» in lower case, but for the beginning of a sentence.
        expect(text, key).not.toMatch(/[^.?:\n«] (Вы|Вас|Вам|Вами|Ваш[а-я]*)\b/u)
      }
    }
  })

  test('are Russian in Russian', () => {
    for (const { key, text } of everyText(words, 'ru')) {
      const own = text.replaceAll(/\{\w+\}/g, '')
      expect(/[а-яё]/i.test(own) || !/[a-z]{4}/i.test(own) || isName(own), key).toBe(true)
    }
  })
})

// Names are the same in every language.
const isName = (text: string) => /^[A-Z][\w .-]*$/.test(text.trim())

test('numbers and forms of counting follow the language', () => {
  const words = catalogue(
    { friends: { one: '{count} friend', other: '{count} friends' } },
    {
      friends: {
        one: '{count} друг',
        few: '{count} друга',
        many: '{count} друзей',
        other: '{count} друга',
      },
    },
  )
  const say = wordsIn(words, 'ru')
  expect([1, 3, 11, 21, 1.5, 12_345].map((n) => say('friends', { count: n }))).toEqual([
    '1 друг',
    '3 друга',
    '11 друзей',
    '21 друг',
    '1,5 друга',
    '12\u00A0345 друзей',
  ])
  expect(wordsIn(words, 'en')('friends', { count: 12_345 })).toBe('12,345 friends')
})

test('errors say the same in both languages, with the same places', () => {
  for (const [code, { en, ru }] of Object.entries(CATALOGUE)) {
    expect(ru.flatMap(placesOf), code).toEqual(en.flatMap(placesOf))
    expect(`${en.join('')}${ru.join('')}`, code).not.toContain('!')
  }
})

test('mails say the same in both languages, with the same facts', () => {
  const facts: MailFacts = {
    url: 'https://here.example/',
    subject: 'THE-SUBJECT',
    when: new Date('2027-10-10T12:00:00Z'),
  }
  const names = readMailNames()
  expect(names.length).toBeGreaterThan(5)
  for (const name of names) {
    const [english, russian] = LANGUAGES.map((language) => {
      const { subject, lines, action } = writeMail(name, language, facts)
      const text = [subject, ...lines].join(' ')
      return {
        lines: lines.length,
        facts: [text.includes('THE-SUBJECT'), text.includes('2027')],
        url: action?.url,
      }
    })
    expect(russian, name).toEqual(english)
  }
})

/** The names of the mails, as `writeMail` takes them. */
function readMailNames(): Parameters<typeof writeMail>[0][] {
  const source = readFileSync(join(import.meta.dirname, '../src/mail/mails.ts'), 'utf8')
  const words = source.slice(source.indexOf('const WORDS'))
  return [...words.matchAll(/^ {2}(\w+): \{$/gm)].map(([, name]) => name as never)
}
