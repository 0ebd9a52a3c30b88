interface End {
  on(event: 'message', listener: (message: unknown) => void): unknown
  send?(message: object, callback: (error: Error | null) => void): boolean
}

type Message = { id: number } & (
  | { kind: 'question'; name: string; payload: unknown }
  | { kind: 'answer'; value: unknown }
)

export type Handlers = Record<string, (payload: unknown) => Promise<unknown>>

/** Asks whoever is at the other end; undefined when there is no answer in time. */
export type Ask = (name: string, payload: unknown, patienceMs: number) => Promise<unknown>

/** Questions and answers between the processes of one installation, in both directions. */
export function openChannel(end: End, handlers: Handlers): Ask {
  const waiting = new Map<number, (value: unknown) => void>()
  let asked = 0
  // The other end may be gone: whoever waits for it is told by the clock.
  const send = (message: Message) => void end.send?.(message, () => {})
  end.on('message', (received) => {
    const message = received as Message
    if (message.kind === 'answer') waiting.get(message.id)?.(message.value)
    if (message.kind !== 'question') return
    const { id, name, payload } = message
    handlers[name]?.(payload).then(
      (value) => send({ kind: 'answer', id, value }),
      () => {},
    )
  })
  return (name, payload, patienceMs) =>
    new Promise((resolve) => {
      const id = ++asked
      const settle = (value?: unknown) => {
        clearTimeout(timer)
        waiting.delete(id)
        resolve(value)
      }
      const timer = setTimeout(settle, patienceMs)
      waiting.set(id, settle)
      send({ kind: 'question', id, name, payload })
    })
}
