import { isProblem, UNREACHABLE } from '../api/problem.ts'
import { useLocale } from '../language.ts'
import { wordsIn } from '../../../src/words/words-in.ts'
import { commonWords } from '../../../src/words/common.ts'

export interface ProblemText {
  title: string
  detail: string
  requestId: string | undefined
}

/** The words of a failure: the service's own, in the language of the page, or ours where it did not answer. */
export const useProblemText = (problem: unknown): ProblemText => problemText(problem, useLocale())

export function problemText(problem: unknown, locale: 'en' | 'ru'): ProblemText {
  const say = wordsIn(commonWords, locale)
  if (!isProblem(problem)) {
    return { title: say('broken'), detail: say('brokenHint'), requestId: undefined }
  }
  if (problem.code === UNREACHABLE) {
    return { title: '', detail: say('unreachable'), requestId: undefined }
  }
  const fields = problem.errors?.map(({ detail }) => detail).join(' ')
  return {
    title: problem.title,
    detail: fields || problem.detail,
    requestId: problem.request_id,
  }
}
