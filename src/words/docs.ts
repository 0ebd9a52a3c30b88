import { catalogue } from './catalogue.ts'

/** Words of the documentation's pages; `errorsIntro` is HTML. */
export const docsWords = catalogue(
  {
    tryIt: 'Try it',
    readIt: 'Read it',
    errors: 'Errors',
    errorCodes: 'Error codes',
    errorsIntro:
      'Every error is answered as <code>application/problem+json</code> (RFC 9457). Its <code>code</code> is one of these and never changes its meaning: branch on it, not on the words. The token endpoints answer the shape of RFC 6749 with the same <code>code</code>; a 422 is a 400 there.',
    statuses: 'Statuses',
    otherLanguage: 'По-русски',
  },
  {
    tryIt: 'Попробовать',
    readIt: 'Читать',
    errors: 'Ошибки',
    errorCodes: 'Коды ошибок',
    errorsIntro:
      'Каждая ошибка приходит как <code>application/problem+json</code> (RFC 9457). Её <code>code</code> — один из этих и никогда не меняет смысла: опирайтесь на него, а не на слова. Точки выдачи токенов отвечают по RFC 6749 с тем же <code>code</code>; вместо 422 там 400.',
    statuses: 'Статусы',
    otherLanguage: 'In English',
  },
)
