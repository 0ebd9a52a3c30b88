import type { Locale } from '../errors.ts'
import type { MailName } from '../jobs/catalogue.ts'

/** What a mail says, before it is laid out: one source for the HTML and the text part. */
export interface Message {
  subject: string
  lines: string[]
  /** The one thing to do: a label and where it leads. */
  action?: { label: string; url: string }
}

export interface MailFacts {
  /** Where the action leads. */
  url: string
  /** A username, a code, a device, a host or a date, as the mail needs it. */
  subject: string
  when: Date
}

type Words = (facts: MailFacts & { date: string }) => {
  subject: string
  lines: string[]
  label?: string
}

/** The words of a mail in a language. */
export function writeMail(name: MailName, locale: Locale, facts: MailFacts): Message {
  const date = new Intl.DateTimeFormat(locale, {
    dateStyle: 'long',
    timeStyle: 'short',
    timeZone: 'UTC',
  }).format(facts.when)
  const { subject, lines, label } = WORDS[name][locale]({ ...facts, date: `${date} UTC` })
  return { subject, lines, ...(label && { action: { label, url: facts.url } }) }
}

const WORDS: Record<MailName, Record<Locale, Words>> = {
  verify: {
    en: () => ({
      subject: 'Confirm your e-mail address',
      lines: ['Please confirm that this address is yours. The link works once, for 24 hours.'],
      label: 'Confirm the address',
    }),
    ru: () => ({
      subject: 'Подтвердите адрес почты',
      lines: [
        'Подтвердите, пожалуйста, что это ваш адрес. Ссылка сработает один раз в течение 24 часов.',
      ],
      label: 'Подтвердить адрес',
    }),
  },
  welcome: {
    en: () => ({
      subject: 'Welcome: create your referral code',
      lines: [
        'Your account is ready.',
        'Create a referral code and share its link: whoever registers with it becomes your referral.',
      ],
      label: 'Create your code',
    }),
    ru: () => ({
      subject: 'Добро пожаловать: создайте реферальный код',
      lines: [
        'Ваша учётная запись готова.',
        'Создайте реферальный код и поделитесь ссылкой: кто зарегистрируется по ней, станет вашим рефералом.',
      ],
      label: 'Создать код',
    }),
  },
  reset: {
    en: () => ({
      subject: 'Set a new password',
      lines: [
        'Somebody asked to reset the password of your account. The link works once, for 10 minutes.',
        'If it was not you, do nothing: your password stays as it is.',
      ],
      label: 'Set a new password',
    }),
    ru: () => ({
      subject: 'Задайте новый пароль',
      lines: [
        'Кто-то запросил сброс пароля вашей учётной записи. Ссылка сработает один раз в течение 10 минут.',
        'Если это были не вы, ничего не делайте: пароль останется прежним.',
      ],
      label: 'Задать новый пароль',
    }),
  },
  invite: {
    en: ({ subject }) => ({
      subject: `You are invited to ${subject}`,
      lines: [
        `An administrator of ${subject} has made an account for you.`,
        'Choose a password, and it is yours. The link works once, for 7 days.',
      ],
      label: 'Choose a password',
    }),
    ru: ({ subject }) => ({
      subject: `Приглашение на ${subject}`,
      lines: [
        `Администратор ${subject} создал для вас учётную запись.`,
        'Задайте пароль, и она ваша. Ссылка сработает один раз в течение 7 дней.',
      ],
      label: 'Задать пароль',
    }),
  },
  password_changed: {
    en: ({ date }) => ({
      subject: 'Your password was changed',
      lines: [
        `The password of your account was changed on ${date}.`,
        'If it was not you, reset it at once.',
      ],
      label: 'Reset the password',
    }),
    ru: ({ date }) => ({
      subject: 'Ваш пароль изменён',
      lines: [
        `Пароль вашей учётной записи изменён: ${date}.`,
        'Если это были не вы, сразу сбросьте его.',
      ],
      label: 'Сбросить пароль',
    }),
  },
  new_device: {
    en: ({ subject, date }) => ({
      subject: 'A new device signed in',
      lines: [
        `${subject || 'A program'} signed in to your account on ${date}.`,
        'If it was not you, sign it out and change the password.',
      ],
      label: 'See your devices',
    }),
    ru: ({ subject, date }) => ({
      subject: 'Вход с нового устройства',
      lines: [
        `В вашу учётную запись вошли: ${subject}, ${date}.`,
        'Если это были не вы, завершите этот сеанс и смените пароль.',
      ],
      label: 'Показать устройства',
    }),
  },
  referral_joined: {
    en: ({ subject }) => ({
      subject: 'A friend joined with your code',
      lines: [`Somebody registered with your referral code ${subject}.`],
      label: 'See your referrals',
    }),
    ru: ({ subject }) => ({
      subject: 'По вашему коду пришёл друг',
      lines: [`По вашему реферальному коду ${subject} зарегистрировались.`],
      label: 'Показать рефералов',
    }),
  },
  code_expires: {
    en: ({ subject, date }) => ({
      subject: `Your code ${subject} expires soon`,
      lines: [
        `Your referral code ${subject} expires on ${date}.`,
        'Extend it, and the links that you shared go on working.',
      ],
      label: 'Extend the code',
    }),
    ru: ({ subject, date }) => ({
      subject: `Срок кода ${subject} скоро истечёт`,
      lines: [
        `Ваш реферальный код ${subject} действует до ${date}.`,
        'Продлите его, и ссылки, которыми вы поделились, останутся рабочими.',
      ],
      label: 'Продлить код',
    }),
  },
  code_expired: {
    en: ({ subject, date }) => ({
      subject: `Your code ${subject} has expired`,
      lines: [
        `Your referral code ${subject} expired on ${date}: nobody can register with it any more.`,
      ],
      label: 'Create a new code',
    }),
    ru: ({ subject, date }) => ({
      subject: `Срок кода ${subject} истёк`,
      lines: [
        `Срок вашего реферального кода ${subject} истёк: ${date}. Зарегистрироваться по нему больше нельзя.`,
      ],
      label: 'Создать новый код',
    }),
  },
  test: {
    en: ({ date }) => ({
      subject: 'Mail arrives',
      lines: [`You asked for this mail on ${date}. It came the way that all mails go.`],
      label: 'See the system',
    }),
    ru: ({ date }) => ({
      subject: 'Почта доходит',
      lines: [`Вы запросили это письмо: ${date}. Оно пришло тем же путём, что и все письма.`],
      label: 'Показать систему',
    }),
  },
}
