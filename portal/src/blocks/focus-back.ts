import { useEffect, useState } from 'react'

/** Gives the focus back to what had it before, when the dialog that calls this is gone. */
export function useFocusBack(): void {
  const [before] = useState(() => document.activeElement)
  useEffect(
    () => () => {
      if (before instanceof HTMLElement) before.focus()
    },
    [before],
  )
}
