import { Button, Group, Text } from '@mantine/core'
import '@mantine/notifications/styles.css'
import { notifications, Notifications } from '@mantine/notifications'
import { currentLocale } from '../language.ts'
import { wordsIn } from '../../../src/words/words-in.ts'
import { commonWords } from '../../../src/words/common.ts'
import type { Undoable } from './toasts.tsx'
import { CopyRequestId } from './copy-request-id.tsx'
import { problemText } from './problem-text.ts'

/** Where the messages appear. */
export const Toaster = () => <Notifications position="top-center" limit={3} containerWidth={420} />

export function showDone(message: string): void {
  notifications.show({ ...common(), message, color: 'leaf' })
}

export function showUndo(message: string, { undo, lapse }: Undoable): () => void {
  const say = wordsIn(commonWords, currentLocale())
  let undone = false
  const id = notifications.show({
    ...common(),
    autoClose: 6000,
    color: 'leaf',
    onClose: () => (undone ? undo() : lapse?.()),
    message: (
      <Group justify="space-between" wrap="nowrap">
        <Text size="sm">{message}</Text>
        <Button
          size="xs"
          variant="default"
          flex="none"
          onClick={() => {
            undone = true
            notifications.hide(id)
          }}
        >
          {say('undo')}
        </Button>
      </Group>
    ),
  })
  return () => notifications.hide(id)
}

export function showProblem(problem: unknown): void {
  const say = wordsIn(commonWords, currentLocale())
  const { title, detail, requestId } = problemText(problem, currentLocale())
  notifications.show({
    ...common(),
    title: title || say('failed'),
    color: 'red',
    autoClose: 12_000,
    message: (
      <>
        <Text size="sm">{detail}</Text>
        {requestId ? <CopyRequestId id={requestId} /> : null}
      </>
    ),
  })
}

const common = () => ({
  withBorder: true,
  closeButtonProps: { 'aria-label': wordsIn(commonWords, currentLocale())('close') },
})
