import { useMutation, type UseMutationOptions } from '@tanstack/react-query'
import { useRef } from 'react'

/** A change that is sent once, however often the button is pressed before the answer is there. */
export function useSubmit<Given, Answer>(
  send: (given: Given) => Promise<Answer>,
  options: Omit<UseMutationOptions<Answer, unknown, Given>, 'mutationFn'> = {},
) {
  const underWay = useRef<Promise<Answer>>(undefined)
  return useMutation<Answer, unknown, Given>({
    ...options,
    mutationFn: (given) => {
      underWay.current ??= send(given).finally(() => {
        underWay.current = undefined
      })
      return underWay.current
    },
  })
}
