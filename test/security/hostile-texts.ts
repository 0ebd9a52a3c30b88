/** What each field is sent in every run, however short: unreadable, beyond numbers and lengths, of a wrong type. */
export const always = {
  texts: ['\0', '\ud800', '', "'", '9'.repeat(40), '9223372036854775808', 'a'.repeat(1000)],
  json: ['null', '[]', '{}', '-1', '1e999', '{"__proto__":{}}'],
  encoded: ['%00', '%FF', '&NAME=2', '1&NAME[a]=1'],
}

/** Texts that have broken some parser, database, template, file name or page before. */
const TEXTS = {
  empty: ['', ' ', '\t', '\n', '\u00a0', '\u2028', '\u3000', '\ufeff'],
  words: ['null', 'undefined', 'true', '[]', 'asc', 'desc', '*', 'a,b', 'a;b', 'a|b', 'me', 'ME'],
  numbers: ['0', '-0', '-1', '1.5', '1e3', '1e999', '0x10', '017', '+1', '١٢', '９', 'NaN'],
  edges: ['Infinity', '2147483648', '-2147483649', '9007199254740993', '9223372036854775808'],
  unreadable: ['\0', 'a\0b', '\ud800', 'a\udfff', '\uffff', '\u{10ffff}'],
  invisible: ['\u202eabc', '\u200b', 'a\u200db', '\u0301'.repeat(60), 'e\u0301', '👩‍👩‍👧‍👦'],
  folded: ['é', 'ﬁ', 'ß', 'İ', 'ı', 'ſ', '\u212a', 'аnn', 'ﷺ'],
  sql: ["'", "''", '"', '`', "' or '1'='1", "'; select pg_sleep(9)--", '$1', '$$', '/*', '--', ';'],
  like: [
    '%',
    '_',
    '%%',
    '\\',
    '\\\\',
    '\\copy',
    "a' || 'b",
    'a::int',
    '{1,2}',
    '(1,2)',
    "E'\\x00'",
  ],
  templates: ['{{7*7}}', '${7*7}', '<%= 7*7 %>', '#{7*7}', '%s%n', '{0}', '\\u0000'],
  shells: ['$(id)', '`id`', '| id', '& id', '-rf', '\n id'],
  scripts: ['<script>alert(1)</script>', '"><img src=x onerror=alert(1)>', 'javascript:alert(1)'],
  paths: ['../../etc/passwd', '..\\..\\win.ini', '/etc/passwd', 'file:///etc/passwd', 'C:\\', '//'],
  lines: ['a\r\nSet-Cookie: x=1', '\r\n\r\n', 'a%0d%0ab', '=1+1', '@SUM(A1)'],
  pointers: ['~', '~0', '~1', '/', 'a/b', '#', '?'],
  prototypes: ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'then'],
  firstDates: ['0001-01-01T00:00:00Z', '0000-01-01T00:00:00Z', '0001-01-01T00:00:00+01:00'],
  lastDates: ['9999-12-31T23:59:59Z', '10000-01-01T00:00:00Z', '9999-12-31T23:59:59-01:00'],
  farDates: ['-271821-04-20T00:00:00Z', '+275760-09-13T00:00:00Z', '294276-12-31T23:59:59Z'],
  noDates: ['2027-02-30T00:00:00Z', '2027-10-10T24:00:00Z', '2027-06-30T23:59:60Z', '2027-10-10'],
  oddDates: ['2027-10-10T12:00:00.123456789Z', '2027-10-10T12:00:00+23:59', '2027-10-10 12:00'],
  wordDates: ['4713-01-01T00:00:00Z BC', 'now', 'epoch', 'infinity', 'today', '1e9'],
  ids: ['00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff'],
  noIds: ['{00000000-0000-0000-0000-000000000000}', '00000000-0000-0000-0000-00000000000g'],
  cursors: ['A'.repeat(22), '_'.repeat(22), `${'A'.repeat(21)}-`, 'AAAAAAAAAAAAAAAAAAAAAA=='],
  tokens: ['a.b.c', 'e30.e30.', 'password', 'correct horse battery', '- - - - -'],
  addresses: ['a@b', '@', 'a@', '@b.cc', 'a@b@c.dd', '"a b"@example.com', 'a@[127.0.0.1]'],
  oddAddresses: ['a..b@example.com', 'a@xn--e1afmkfd.com', 'ä@example.com', 'a@éxample.com'],
  mailLines: ['a@example.com\r\nBcc: b@example.com', '<a@example.com>', 'a@example.com,b@x.yy'],
  longAddresses: [`${'a'.repeat(64)}@example.com`, `${'a'.repeat(65)}@example.com`, 'a@-x.com'],
  longDomains: [`a@${'b'.repeat(63)}.com`, `a@${'b.'.repeat(130)}com`, "o'hara@example.com"],
  links: [
    'https://',
    'https://@',
    'https://[::1',
    'https://a b',
    'https://\0',
    'HTTPS://x/"><script>',
  ],
  zones: ['UTC', 'Europe/Berlin', 'Etc/GMT+99', 'A/B', 'Posix/UTC', 'GMT', 'US/Pacific-New'],
  lengths: ['a', 'ab', 'A'.repeat(4), 'A'.repeat(64), 'a'.repeat(100), 'a'.repeat(101)],
  long: ['a'.repeat(1000), '💥'.repeat(250), '9'.repeat(40)],
}

/** JSON that is of another type, at an edge of its type, or none at all. */
const JSON_VALUES = {
  types: ['null', 'true', 'false', '0', '-0', '-1', '1.5', '[]', '{}', '[null]', '[""]', '[[]]'],
  edges: ['1e308', '1e999', '-1e999', '9'.repeat(400)],
  lists: ['["a@example.com"]', '[{"a":{"b":[]}}]', `[${'0,'.repeat(999)}0]`],
  objects: ['{"a":1}', '{"":""}', '{"$ne":null}', '{"$ref":"#"}', '{"raw":"now()"}', '{"then":1}'],
  prototypes: ['{"__proto__":{}}', '{"constructor":{"prototype":{}}}', '{"toString":1}'],
  odd: ['{"length":-1}', '{"a/b":{"c~d":"\\u0000"}}', '{"a":1,"a":2}'],
  deep: ['['.repeat(7) + ']'.repeat(7), '['.repeat(99) + ']'.repeat(99)],
  broken: ['NaN', 'Infinity', 'undefined', '01', '0x10', "'a'", '"\\x"', '"a', '{"a":1', '[1,]'],
  texts: ['"\u0001"', '"\\ud800"', '"\\u0000"', '"\\ud83d\\ude00"', `"${'\\u0041'.repeat(200)}"`],
  besides: ['"a","extra":"b"', '"a","__proto__":{"x":1}', '"a","a/b~c":1', '"a","":1'],
  after: ['"a"}{', '"a"//', '/**/"a"'],
}

/** What only an address or a form can hold: named twice, as a list, broken bytes, no value. */
const ENCODED = {
  twice: ['1&NAME=2', '&NAME=', '&NAME', `1${'&NAME=1'.repeat(200)}`, '1;NAME=2'],
  lists: ['&NAME[]=1', '&NAME[a]=1', '&NAME[__proto__]=1'],
  besides: ['&__proto__=1', '1&name~1x=1', '1&constructor=1', '&&', '&=&='],
  bytes: ['%', '%z', '%zz', '%00', '%FF', '%C0%AF', '%ED%A0%80', '%F8%88%80%80%80', '%u0041'],
  signs: ['+', '%2B', '%25', '=', '=='],
}

export const texts: string[] = Object.values(TEXTS).flat()
export const jsonValues: string[] = Object.values(JSON_VALUES).flat()
export const encoded: string[] = Object.values(ENCODED).flat()
