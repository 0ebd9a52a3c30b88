import { useEffect, useState } from 'react'

/**
 * The token in the fragment of a mailed link. It leaves the address at once: neither the history nor whoever
 * looks at the screen keeps it. A link pasted over the address of this very page works too.
 */
export function useLinkToken(): string | undefined {
  const [token, setToken] = useState(tokenInAddress)
  useEffect(() => {
    const take = () => {
      const found = tokenInAddress()
      if (found) setToken(found)
      if (location.hash)
        history.replaceState(history.state, '', location.pathname + location.search)
    }
    take()
    addEventListener('hashchange', take)
    return () => removeEventListener('hashchange', take)
  }, [])
  return token
}

const tokenInAddress = () => new URLSearchParams(location.hash.slice(1)).get('token') || undefined
