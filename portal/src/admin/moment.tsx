import { useFormats } from '../formats.ts'
import styles from './admin.module.css'

/** When something was, in words; exactly on pointing at it. */
export function Ago({ at }: { at: string }) {
  const { relative, dateTime } = useFormats()
  return (
    <time dateTime={at} title={dateTime(at)} className={styles['moment']}>
      {relative(at)}
    </time>
  )
}

/** An exact moment. */
export function Moment({ at }: { at: string }) {
  const { dateTime } = useFormats()
  return <time dateTime={at}>{dateTime(at)}</time>
}

/** The day of a moment; exactly on pointing at it. */
export function Day({ at }: { at: string }) {
  const { date, dateTime } = useFormats()
  return (
    <time dateTime={at} title={dateTime(at)} className={styles['moment']}>
      {date(at)}
    </time>
  )
}
