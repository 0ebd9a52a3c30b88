import { catalogue } from './catalogue.ts'
import { commonWords } from './common.ts'
import { publicWords } from './public.ts'
import { referrerWords } from './referrer.ts'

/** Of every mail its subject, its paragraphs, and the button that leads to what can be done. */
export const mailWords = catalogue(
  {
    'verify.subject': commonWords.en.confirmEmail,
    'verify.text': 'Please confirm that this address is yours. The link works once, for 24 hours.',
    'verify.button': publicWords.en.verify,
    'welcome.subject': 'Welcome: create your referral code',
    'welcome.text':
      'Your account is ready.\nCreate a referral code and share its link: whoever registers with it becomes your referral.',
    'welcome.button': 'Create your code',
    'reset.subject': publicWords.en.resetTitle,
    'reset.text':
      'Somebody asked to reset the password of your account. The link works once, for 10 minutes.\nIf it was not you, do nothing: your password stays as it is.',
    'reset.button': 'Set a new password',
    'invite.subject': 'You are invited to {subject}',
    'invite.text':
      'An administrator of {subject} has made an account for you.\nChoose a password, and it is yours. The link works once, for 7 days.',
    'invite.button': 'Choose a password',
    'password_changed.subject': 'Your password was changed',
    'password_changed.text':
      'The password of your account was changed on {date}.\nIf it was not you, reset it at once.',
    'password_changed.button': 'Reset the password',
    'new_device.subject': commonWords.en.newDevice,
    'new_device.text':
      '{subject} signed in to your account on {date}.\nIf it was not you, sign it out and change the password.',
    'new_device.button': 'See your devices',
    'new_device.unknown': 'A program',
    'referral_joined.subject': 'A friend joined with your code',
    'referral_joined.text': 'Somebody registered with your referral code {subject}.',
    'referral_joined.button': 'See your referrals',
    'code_expires.subject': 'Your code {subject} expires soon',
    'code_expires.text':
      'Your referral code {subject} expires on {date}.\nExtend it, and the links that you shared go on working.',
    'code_expires.button': 'Extend the code',
    'code_expired.subject': 'Your code {subject} has expired',
    'code_expired.text':
      'Your referral code {subject} expired on {date}: nobody can register with it any more.',
    'code_expired.button': referrerWords.en.createNew,
    'test.subject': 'Mail arrives',
    'test.text': 'You asked for this mail on {date}. It came the way that all mails go.',
    'test.button': 'See the system',
  },
  {
    'verify.subject': commonWords.ru.confirmEmail,
    'verify.text':
      'Подтвердите, пожалуйста, что это ваш адрес. Ссылка сработает один раз в течение 24 часов.',
    'verify.button': publicWords.ru.verify,
    'welcome.subject': 'Добро пожаловать: создайте реферальный код',
    'welcome.text':
      'Ваша учётная запись готова.\nСоздайте реферальный код и поделитесь ссылкой: кто зарегистрируется по ней, станет вашим рефералом.',
    'welcome.button': 'Создать код',
    'reset.subject': publicWords.ru.resetTitle,
    'reset.text':
      'Кто-то запросил сброс пароля вашей учётной записи. Ссылка сработает один раз в течение 10 минут.\nЕсли это были не вы, ничего не делайте: пароль останется прежним.',
    'reset.button': 'Задать новый пароль',
    'invite.subject': 'Приглашение на {subject}',
    'invite.text':
      'Администратор {subject} создал для вас учётную запись.\nЗадайте пароль, и она ваша. Ссылка сработает один раз в течение 7 дней.',
    'invite.button': 'Задать пароль',
    'password_changed.subject': 'Ваш пароль изменён',
    'password_changed.text':
      'Пароль вашей учётной записи изменён: {date}.\nЕсли это были не вы, сразу сбросьте его.',
    'password_changed.button': 'Сбросить пароль',
    'new_device.subject': commonWords.ru.newDevice,
    'new_device.text':
      'В вашу учётную запись вошли: {subject}, {date}.\nЕсли это были не вы, завершите этот сеанс и смените пароль.',
    'new_device.button': 'Показать устройства',
    'new_device.unknown': 'программа',
    'referral_joined.subject': 'По вашему коду пришёл друг',
    'referral_joined.text': 'По вашему реферальному коду {subject} зарегистрировались.',
    'referral_joined.button': 'Показать рефералов',
    'code_expires.subject': 'Срок кода {subject} скоро истечёт',
    'code_expires.text':
      'Ваш реферальный код {subject} действует до {date}.\nПродлите его, и ссылки, которыми вы поделились, останутся рабочими.',
    'code_expires.button': 'Продлить код',
    'code_expired.subject': 'Срок кода {subject} истёк',
    'code_expired.text':
      'Срок вашего реферального кода {subject} истёк: {date}. Зарегистрироваться по нему больше нельзя.',
    'code_expired.button': referrerWords.ru.createNew,
    'test.subject': 'Почта доходит',
    'test.text': 'Вы запросили это письмо: {date}. Оно пришло тем же путём, что и все письма.',
    'test.button': 'Показать систему',
  },
)
