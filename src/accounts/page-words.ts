import type { Locale } from '../errors.ts'

export type PageName = 'verify' | 'reset' | 'forgot'

interface PageWords {
  title: string
  intro: string
  button: string
  doneTitle: string
  done: string
}

export const COMMON_WORDS = {
  en: {
    other: 'По-русски',
    password: 'New password',
    passwordHint: '8 to 128 characters. Several words in a row are easy to keep in mind.',
    show: 'Show the password',
    email: 'E-mail address',
    again: 'Ask for a new link',
    incompleteTitle: 'The link is not complete',
    incomplete: 'Its end is missing: open the link in the mail again.',
    unreachable: 'The service cannot be reached: check your connection and try again.',
    noScript: 'This page needs JavaScript: allow it for this site and load the page again.',
  },
  ru: {
    other: 'In English',
    password: 'Новый пароль',
    passwordHint: 'От 8 до 128 символов. Несколько слов подряд легко запомнить.',
    show: 'Показать пароль',
    email: 'Адрес почты',
    again: 'Запросить новую ссылку',
    incompleteTitle: 'Ссылка неполная',
    incomplete: 'У неё нет окончания: откройте ссылку из письма ещё раз.',
    unreachable: 'Сервис недоступен: проверьте соединение и попробуйте снова.',
    noScript: 'Странице нужен JavaScript: разрешите его для этого сайта и обновите страницу.',
  },
}

export const PAGE_WORDS: Record<PageName, Record<Locale, PageWords>> = {
  verify: {
    en: {
      title: 'Confirm your e-mail address',
      intro: 'Press the button to confirm that this address is yours.',
      button: 'Confirm the address',
      doneTitle: 'The address is confirmed',
      done: 'Thank you. You can close this page.',
    },
    ru: {
      title: 'Подтвердите адрес почты',
      intro: 'Нажмите кнопку, чтобы подтвердить, что это ваш адрес.',
      button: 'Подтвердить адрес',
      doneTitle: 'Адрес подтверждён',
      done: 'Спасибо. Эту страницу можно закрыть.',
    },
  },
  reset: {
    en: {
      title: 'Set a new password',
      intro: 'Choose a new password for your account. Every device will be signed out.',
      button: 'Set the password',
      doneTitle: 'The password is set',
      done: 'Every device is signed out: sign in with the new password.',
    },
    ru: {
      title: 'Задайте новый пароль',
      intro: 'Придумайте новый пароль. На всех устройствах вход будет завершён.',
      button: 'Задать пароль',
      doneTitle: 'Пароль задан',
      done: 'На всех устройствах вход завершён: войдите с новым паролем.',
    },
  },
  forgot: {
    en: {
      title: 'Forgotten password',
      intro: 'We send a link to set a new password to the address of your account.',
      button: 'Send the link',
      doneTitle: 'Look into your mailbox',
      done:
        'If there is an account with this address, a mail with a link is under way. ' +
        'The link works once, for 10 minutes. Look among the spam too.',
    },
    ru: {
      title: 'Забыли пароль?',
      intro: 'Мы отправим ссылку для нового пароля на адрес вашей учётной записи.',
      button: 'Отправить ссылку',
      doneTitle: 'Проверьте почту',
      done:
        'Если учётная запись с таким адресом есть, письмо со ссылкой уже в пути. ' +
        'Ссылка сработает один раз в течение 10 минут. Загляните и в спам.',
    },
  },
}
