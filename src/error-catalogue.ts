// oxlint-disable max-lines -- one list of words, in two languages
import type { ErrorKind } from './errors.ts'

interface Entry {
  kind: ErrorKind
  /** A title, and a detail that says what to do. */
  en: readonly [string, string]
  ru: readonly [string, string]
}

const entry = (kind: ErrorKind, en: Entry['en'], ru: Entry['ru']): Entry => ({ kind, en, ru })

/** Every code that a client can be answered. A code is never renamed and never means something else. */
export const CATALOGUE = {
  validation_failed: entry(
    'invalid',
    [
      'Some fields are not valid',
      'Correct the fields named in "errors" and send the request again.',
    ],
    ['Некоторые поля неверны', 'Исправьте поля, названные в «errors», и отправьте запрос ещё раз.'],
  ),
  malformed_json: entry(
    'malformed',
    ['The body is not JSON', 'Send a body that is valid JSON in UTF-8.'],
    ['Тело запроса — не JSON', 'Отправьте тело в виде правильного JSON в UTF-8.'],
  ),
  malformed_request: entry(
    'malformed',
    ['The request cannot be read', 'Check the address, its encoding and the headers: {reason}.'],
    ['Запрос невозможно прочесть', 'Проверьте адрес, его кодировку и заголовки: {reason}.'],
  ),
  forbidden_key: entry(
    'malformed',
    ['A key of the body is not allowed', 'Remove the key "{key}": this name is never accepted.'],
    ['Недопустимый ключ в теле запроса', 'Уберите ключ «{key}»: такое имя не принимается.'],
  ),
  nested_too_deep: entry(
    'malformed',
    ['The body is nested too deeply', 'Send at most {max} levels of objects and lists.'],
    ['Слишком глубокая вложенность', 'Отправьте не больше {max} уровней объектов и списков.'],
  ),
  body_too_large: entry(
    'too_large',
    ['The body is too large', 'Send at most 64 kB.'],
    ['Тело запроса слишком велико', 'Отправьте не больше 64 кБ.'],
  ),
  unsupported_media_type: entry(
    'unsupported_media_type',
    ['The content type is not supported', 'Send the body as application/json.'],
    ['Тип содержимого не поддерживается', 'Отправьте тело как application/json.'],
  ),
  not_found: entry(
    'not_found',
    ['Nothing is at this address', 'Check the path; all of them are listed at /docs.'],
    ['По этому адресу ничего нет', 'Проверьте путь; все пути перечислены на /docs.'],
  ),
  method_not_allowed: entry(
    'method_not_allowed',
    ['The method is not allowed here', 'Use one of the methods in the Allow header.'],
    ['Метод здесь не разрешён', 'Используйте один из методов заголовка Allow.'],
  ),
  unauthorized: entry(
    'unauthenticated',
    [
      'Sign in first',
      'Send an access token: "Authorization: Bearer …", from POST /api/v1/auth/login.',
    ],
    [
      'Сначала войдите',
      'Передайте токен доступа: «Authorization: Bearer …» из POST /api/v1/auth/login.',
    ],
  ),
  invalid_token: entry(
    'unauthenticated',
    [
      'The access token is not valid',
      'It has expired or was revoked: refresh it, or sign in again.',
    ],
    ['Токен доступа недействителен', 'Он истёк или отозван: обновите его или войдите снова.'],
  ),
  invalid_credentials: entry(
    'unauthenticated',
    ['The sign-in data are wrong', 'Check the e-mail address or username, and the password.'],
    ['Неверные данные для входа', 'Проверьте адрес почты или имя пользователя и пароль.'],
  ),
  wrong_password: entry(
    'unauthenticated',
    ['The current password is wrong', 'Send the password that you sign in with now.'],
    ['Текущий пароль неверен', 'Отправьте пароль, с которым вы входите сейчас.'],
  ),
  session_ended: entry(
    'unauthenticated',
    ['You are signed out', 'The session of this browser has ended: sign in again.'],
    ['Вы вышли', 'Сеанс этого браузера завершён: войдите снова.'],
  ),
  foreign_origin: entry(
    'forbidden',
    [
      'This is for pages of the service alone',
      'Use POST /api/v1/auth/login elsewhere. In a page: open it under the address in PUBLIC_URL.',
    ],
    [
      'Это доступно только страницам самого сервиса',
      'В других программах используйте POST /api/v1/auth/login. Страницу откройте по адресу из PUBLIC_URL.',
    ],
  ),
  invalid_request: entry(
    'malformed',
    ['The token request is not valid', '{reason}'],
    ['Неверный запрос токена', '{reason}'],
  ),
  invalid_grant: entry(
    'malformed',
    ['The grant is refused', 'The sign-in data or the refresh token are wrong, used or expired.'],
    [
      'В выдаче токена отказано',
      'Данные для входа или токен обновления неверны, использованы или истекли.',
    ],
  ),
  unsupported_grant_type: entry(
    'malformed',
    [
      'This grant type is not supported',
      'Use one that /.well-known/oauth-authorization-server lists, or POST /api/v1/auth/login.',
    ],
    [
      'Такой grant_type не поддерживается',
      'Используйте один из перечисленных в /.well-known/oauth-authorization-server или POST /api/v1/auth/login.',
    ],
  ),
  setup_done: entry(
    'gone',
    [
      'There is an administrator already',
      'Sign in; more administrators are made by one, or with "invitree create-admin".',
    ],
    [
      'Администратор уже есть',
      'Войдите; других администраторов назначает он или команда «invitree create-admin».',
    ],
  ),
  setup_token_wrong: entry(
    'forbidden',
    [
      'This is not the link of this service',
      'Open the link that the service printed when it was started last.',
    ],
    [
      'Это ссылка не от этого сервиса',
      'Откройте ссылку, которую сервис напечатал при последнем запуске.',
    ],
  ),
  link_expired: entry(
    'gone',
    [
      'The link does not work any more',
      'It was used, replaced by a newer one, or is too old: ask for a new one.',
    ],
    [
      'Ссылка больше не работает',
      'Она использована, заменена более новой или устарела: запросите новую.',
    ],
  ),
  reauthentication_required: entry(
    'forbidden',
    [
      'Sign in again first',
      'This cannot be undone: sign in with the password, and do it within 10 minutes.',
    ],
    [
      'Сначала войдите ещё раз',
      'Это нельзя отменить: войдите с паролем и повторите в течение 10 минут.',
    ],
  ),
  email_not_verified: entry(
    'forbidden',
    ['Confirm your e-mail address first', 'Open the link in the mail that was just sent to you.'],
    [
      'Сначала подтвердите адрес почты',
      'Откройте ссылку из письма, которое вам только что отправлено.',
    ],
  ),
  admin_only: entry(
    'forbidden',
    ['Only administrators may do this', 'Sign in as an administrator.'],
    ['Это доступно только администраторам', 'Войдите как администратор.'],
  ),
  own_account: entry(
    'conflict',
    [
      'This is your own account',
      'Ask another administrator; to erase yourself use DELETE /api/v1/users/me.',
    ],
    [
      'Это ваша собственная учётная запись',
      'Попросите другого администратора; чтобы удалить себя: DELETE /api/v1/users/me.',
    ],
  ),
  last_admin: entry(
    'conflict',
    [
      'The last administrator stays',
      'Make somebody else an administrator first, else nobody could manage the service.',
    ],
    [
      'Последний администратор остаётся',
      'Сначала сделайте администратором кого-то ещё, иначе управлять сервисом будет некому.',
    ],
  ),
  user_blocked: entry(
    'conflict',
    ['The user is blocked', 'Lift the block first: nobody who is blocked is sent a mail.'],
    [
      'Пользователь заблокирован',
      'Сначала снимите блокировку: заблокированным письма не отправляются.',
    ],
  ),
  email_taken: entry(
    'conflict',
    [
      'The e-mail address is taken',
      'An account with this address exists: sign in with it, or use another.',
    ],
    [
      'Адрес почты занят',
      'Учётная запись с этим адресом уже есть: войдите в неё или укажите другой.',
    ],
  ),
  email_undeliverable: entry(
    'invalid',
    [
      'Mail does not reach this address',
      'Check the spelling, or use another address: throw-away mailboxes are not accepted.',
    ],
    [
      'Письма на этот адрес не дойдут',
      'Проверьте написание или укажите другой адрес: одноразовые почтовые ящики не принимаются.',
    ],
  ),
  username_taken: entry(
    'conflict',
    ['The username is taken', 'Choose another username, or leave it out.'],
    ['Имя пользователя занято', 'Выберите другое имя пользователя или не указывайте его.'],
  ),
  weak_password: entry(
    'invalid',
    [
      'The password is too easy to guess',
      'Choose one that is not common and not made of your name or e-mail.',
    ],
    [
      'Пароль слишком легко угадать',
      'Выберите не частый пароль, не составленный из вашего имени или адреса.',
    ],
  ),
  referral_code_unknown: entry(
    'invalid',
    ['The referral code is unknown', 'Check the spelling, or register without a code.'],
    ['Такого реферального кода нет', 'Проверьте написание или зарегистрируйтесь без кода.'],
  ),
  referral_code_expired: entry(
    'invalid',
    ['The referral code has expired', 'Ask your friend for a new code, or register without one.'],
    ['Срок реферального кода истёк', 'Попросите у друга новый код или зарегистрируйтесь без кода.'],
  ),
  referral_code_retired: entry(
    'invalid',
    [
      'The referral code was switched off',
      'Ask your friend for a new code, or register without one.',
    ],
    ['Реферальный код отключён', 'Попросите у друга новый код или зарегистрируйтесь без кода.'],
  ),
  active_code_exists: entry(
    'conflict',
    ['You already have an active code', 'Use PUT to replace it, or DELETE to retire it first.'],
    [
      'У вас уже есть активный код',
      'Замените его запросом PUT или сначала отключите запросом DELETE.',
    ],
  ),
  code_taken: entry(
    'conflict',
    [
      'This code is taken',
      'Choose another text: a code is never given out twice, look-alikes included.',
    ],
    ['Этот код занят', 'Выберите другой текст: код не выдаётся дважды, даже похожий по виду.'],
  ),
  code_reserved: entry(
    'invalid',
    ['This code is reserved', 'Choose another text, or leave "code" out to have one made.'],
    [
      'Этот код зарезервирован',
      'Выберите другой текст или не указывайте «code», и код будет создан.',
    ],
  ),
  expires_at_in_past: entry(
    'invalid',
    [
      'The expiry date is in the past',
      'Send an "expires_at" in the future; without an offset it is read as UTC.',
    ],
    [
      'Срок действия в прошлом',
      'Укажите «expires_at» в будущем; без смещения время считается по UTC.',
    ],
  ),
  expires_at_too_far: entry(
    'invalid',
    ['The expiry date is too far away', 'Send an "expires_at" at most {days} days from now.'],
    [
      'Срок действия слишком далёк',
      'Укажите «expires_at» не дальше {days} дней от текущего момента.',
    ],
  ),
  code_not_found: entry(
    'not_found',
    [
      'No such referral code',
      'There is no such code here, or no active one; create one with POST.',
    ],
    [
      'Реферальный код не найден',
      'Такого или активного кода здесь нет; создайте его запросом POST.',
    ],
  ),
  referral_not_found: entry(
    'not_found',
    ['No such referral', 'Check the id: it is that of the user who registered with a code.'],
    ['Реферал не найден', 'Проверьте id: это id пользователя, который зарегистрировался по коду.'],
  ),
  user_not_found: entry(
    'not_found',
    ['No such user', 'Check the id; "me" stands for yourself.'],
    ['Пользователь не найден', 'Проверьте id; «me» означает вас.'],
  ),
  session_not_found: entry(
    'not_found',
    ['No such session', 'List your sessions with GET /api/v1/auth/sessions.'],
    ['Сеанс не найден', 'Список ваших сеансов: GET /api/v1/auth/sessions.'],
  ),
  job_not_found: entry(
    'not_found',
    [
      'No such failed job',
      'It was retried already, or never failed; GET /api/v1/admin/jobs lists what did.',
    ],
    [
      'Нет такого сбойного задания',
      'Его уже повторили, или сбоя не было; сбойные задания: GET /api/v1/admin/jobs.',
    ],
  ),
  mail_not_found: entry(
    'not_found',
    ['No such mail', 'GET /api/v1/admin/outbox lists the mails that are kept here.'],
    ['Письмо не найдено', 'Письма, которые хранятся здесь: GET /api/v1/admin/outbox.'],
  ),
  rate_limited: entry(
    'rate_limited',
    ['Too many requests', 'Try again in {seconds} seconds, as the Retry-After header says.'],
    [
      'Слишком много запросов',
      'Повторите через {seconds} с — столько же указано в заголовке Retry-After.',
    ],
  ),
  idempotency_key_reused: entry(
    'invalid',
    [
      'The Idempotency-Key was used for another request',
      'Send a new key; the same one is for sending the very same request again.',
    ],
    [
      'Ключ Idempotency-Key уже использован для другого запроса',
      'Отправьте новый ключ; тот же ключ — только для повтора того же самого запроса.',
    ],
  ),
  idempotency_in_progress: entry(
    'conflict',
    [
      'A request with this Idempotency-Key is still running',
      'Send the same request again after the seconds in the Retry-After header.',
    ],
    [
      'Запрос с этим Idempotency-Key ещё выполняется',
      'Повторите тот же запрос через столько секунд, сколько в заголовке Retry-After.',
    ],
  ),
  overloaded: entry(
    'unavailable',
    ['Too busy right now', 'Try again after the seconds in the Retry-After header.'],
    [
      'Сейчас слишком много запросов',
      'Повторите через столько секунд, сколько в заголовке Retry-After.',
    ],
  ),
  unavailable: entry(
    'unavailable',
    ['A needed part is away', 'Nothing was changed. Try again after the seconds in Retry-After.'],
    [
      'Нужная часть недоступна',
      'Ничего не изменено. Повторите через столько секунд, сколько в Retry-After.',
    ],
  ),
  outcome_unknown: entry(
    'unavailable',
    [
      'The outcome is not known',
      'The database was lost while it saved. Look whether the change is there, then retry.',
    ],
    [
      'Исход неизвестен',
      'База данных пропала во время записи. Проверьте, есть ли изменение, и повторите.',
    ],
  ),
  internal_error: entry(
    'internal',
    ['Something went wrong on our side', 'Try again; if it stays, tell us the request_id.'],
    ['Что-то сломалось у нас', 'Повторите; если не поможет, сообщите нам request_id.'],
  ),
} as const satisfies Record<string, Entry>
