import table from '../blocks/table.module.css'
import type { Overview } from '../api/client.gen.ts'
import { useFormats } from '../formats.ts'
import { figuresWords } from '../../../src/words/admin-figures.ts'
import { useWords } from '../use-words.ts'
import styles from './admin.module.css'
import { useStepName } from './chart-steps.ts'

/** The figures of the chart for those who cannot see it, or want them exactly. */
export function FigureTable({ figures: { series, interval } }: { figures: Overview }) {
  const say = useWords(figuresWords)
  const { number } = useFormats()
  const nameOf = useStepName(interval === 'month')
  return (
    <details className={styles['details']}>
      <summary>{say('asTable')}</summary>
      <table className={`${table['table']} ${styles['figures']}`}>
        <thead>
          <tr>
            <th>{interval === 'month' ? say('month') : say('day')}</th>
            <th className={table['end']}>{say('clicks')}</th>
            <th className={table['end']}>{say('registrations')}</th>
            <th className={table['end']}>{say('confirmed')}</th>
          </tr>
        </thead>
        <tbody>
          {series.toReversed().map((step) => (
            <tr key={step.at} className={table['number']}>
              <td>{nameOf(step.at)}</td>
              <td className={table['end']}>{number(step.clicks)}</td>
              <td className={table['end']}>{number(step.registrations)}</td>
              <td className={table['end']}>{number(step.confirmed)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  )
}
