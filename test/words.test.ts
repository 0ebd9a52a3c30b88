import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { catalogue, type Catalogue, type Text } from '../src/words/catalogue.ts'
import { commonWords } from '../src/words/common.ts'
import { wordsIn } from '../src/words/words-in.ts'

const ROOT = join(import.meta.dirname, '..')
const FOLDER = join(ROOT, 'src/words')
const LANGUAGES = ['en', 'ru'] as const

const files = readdirSync(FOLDER).filter((file) => !/catalogue|words-in/.test(file))
const modules = await Promise.all(
  files.map((file) => import(join(FOLDER, file)) as Promise<Record<string, Catalogue>>),
)
const catalogues = modules.flatMap((module) => Object.entries(module))
const parts = catalogues.filter(([, words]) => words !== (commonWords as Catalogue))

const placesOf = (text: string) =>
  [...text.matchAll(/\{(\w+)\}/g)].map(([place]) => place).toSorted()
const formsOf = (text: Text): [string, string][] =>
  typeof text === 'string' ? [['', text]] : Object.entries(text)
const everyText = (words: Catalogue, language: 'en' | 'ru') =>
  Object.entries(words[language]).flatMap(([key, text]) =>
    formsOf(text).map(([form, one]) => ({ key: form ? `${key}.${form}` : key, text: one })),
  )

test('there are catalogues of the portal, the mails and the errors', () => {
  const names = catalogues.map(([name]) => name)
  expect(names).toEqual(expect.arrayContaining(['publicWords', 'mailWords', 'errorWords']))
})

describe.each(catalogues)('the words of %s', (name, words) => {
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
        expect(text, key).not.toMatch(/!|\.\.\.| {2}/)
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

  test('are all said somewhere', () => {
    expect(unsaid(name, words)).toEqual([])
  })
})

test('what several parts say is written once, and no part hides a common word', () => {
  const written = files.map((file) => readFileSync(join(FOLDER, file), 'utf8')).join('\n')
  const all = catalogues.flatMap(([name, { en, ru }]) =>
    Object.keys(en).map((key) => ({
      name,
      key,
      text: JSON.stringify([en[key], ru[key]]),
      russian: formsOf(ru[key]!)[0]![1],
    })),
  )
  const copies = [...Map.groupBy(all, ({ text }) => text).values()].filter(
    (some) =>
      new Set(some.map(({ name }) => name)).size > 1 &&
      written.split(`'${some[0]!.russian}'`).length > 2,
  )
  expect(copies.map((some) => some.map(({ name, key }) => `${name}.${key}`))).toEqual([])
  const hidden = parts.flatMap(([, { en }]) =>
    Object.keys(en).filter((key) => key in commonWords.en),
  )
  expect(hidden).toEqual([])
})

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

// Names are the same in every language.
const isName = (text: string) => /^[A-Z][\w .-]*$/.test(text.trim())

const sourcesOf = (folder: string) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file) && !/\.test\.ts$|^words\//.test(file))
    .map((file) => readFileSync(join(ROOT, folder, file), 'utf8'))
const namesIn = (source: string) =>
  [...source.matchAll(/['"]([\w.]+)['"]/g)].map(([, name]) => name!)

const service = sourcesOf('src')
const portal = sourcesOf('portal/src')
// Every name there is, and those that the API answers: a screen says them as they come.
const names = new Set([...service, ...portal].flatMap(namesIn))
const answered = new Set(
  namesIn(
    [...readFileSync(join(ROOT, 'openapi.json'), 'utf8').matchAll(/"enum": \[[^\]]*\]/g)].join(),
  ),
)

/** The keys of a catalogue that no screen says; what only the service says may be named in any file of it. */
function unsaid(name: string, words: Catalogue): string[] {
  const isCommon = name === 'commonWords'
  const screens = portal.filter((source) => isCommon || source.includes(name))
  // What reads no words itself hands keys to who does.
  const helpers = portal.filter((source) => !source.includes('/words/'))
  const says =
    screens.length > 0
      ? [...screens, ...helpers, ...service.filter((source) => source.includes(name))]
      : service
  const said = new Set(says.flatMap(namesIn))
  const patterns = says.flatMap((source) => [...source.matchAll(/`([\w.]*)\$\{[^}]+\}([\w.]*)`/g)])
  return Object.keys(words.en).filter(
    (key) =>
      !said.has(key) &&
      !(screens.length > 0 && answered.has(key)) &&
      !patterns.some((pattern) => makes(pattern, key)),
  )
}

// A key that is put together, as `${act}Title`: what stands in the middle is a name too.
function makes([, before = '', after = '']: string[], key: string): boolean {
  const middle = key.slice(before.length, key.length - after.length)
  return before + after !== '' && key === before + middle + after && names.has(middle)
}
