import { Link } from 'wouter'
import icon from '../icon.svg'
import styles from './brand.module.css'

export function Brand() {
  return (
    <Link href="/" className={styles['brand']}>
      <img src={icon} alt="" width="28" height="28" />
      Invitree
    </Link>
  )
}
