import { catalogue } from './catalogue.ts'

/** What is wrong with one field of a request. */
export const fieldWords = catalogue(
  {
    field_unknown: 'There is no such field: check its spelling.',
    field_required: 'This field is required.',
    type_wrong: 'The type must be {type}.',
    format_wrong: 'The form is wrong: see the field in /docs.',
    timestamp_wrong: 'Write an RFC 3339 date-time such as 2027-10-10T12:00:00Z.',
    email_wrong: 'Write an e-mail address such as ann@example.com.',
    code_wrong: 'A code has 4 to 32 letters A-Z, digits, dashes or underscores.',
    username_wrong:
      'A username has 3 to 32 letters, digits, dots, dashes or underscores, and begins and ends with a letter or digit.',
    value_not_allowed: 'This value is not one of those allowed.',
    too_short: 'Too short: the minimum length is {limit}.',
    too_long: 'Too long: the maximum length is {limit}.',
    too_small: 'At least {limit}.',
    too_large: 'At most {limit}.',
    time_zone_unknown: 'There is no such time zone: write a name such as Europe/Berlin.',
    too_many_points: 'At most {max} steps: ask for a shorter range or a longer interval.',
    text_unreadable: 'Remove null bytes and broken characters.',
    invalid: 'The value is not valid.',
  },
  {
    field_unknown: 'Такого поля нет: проверьте написание.',
    field_required: 'Это поле обязательно.',
    type_wrong: 'Тип должен быть {type}.',
    format_wrong: 'Неверная форма: см. поле в /docs.',
    timestamp_wrong: 'Укажите дату и время по RFC 3339, например 2027-10-10T12:00:00Z.',
    email_wrong: 'Укажите адрес почты, например ann@example.com.',
    code_wrong: 'Код состоит из 4–32 букв A-Z, цифр, дефисов или подчёркиваний.',
    username_wrong:
      'Имя пользователя — от 3 до 32 букв, цифр, точек, дефисов или подчёркиваний, в начале и конце буква или цифра.',
    value_not_allowed: 'Такое значение не допускается.',
    too_short: 'Слишком коротко: длина должна быть не меньше {limit}.',
    too_long: 'Слишком длинно: длина должна быть не больше {limit}.',
    too_small: 'Не меньше {limit}.',
    too_large: 'Не больше {limit}.',
    time_zone_unknown: 'Такого часового пояса нет: укажите название, например Europe/Berlin.',
    too_many_points: 'Не больше {max} шагов: сократите период или увеличьте интервал.',
    text_unreadable: 'Уберите нулевые байты и повреждённые символы.',
    invalid: 'Неверное значение.',
  },
)
