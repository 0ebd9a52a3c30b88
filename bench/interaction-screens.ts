import type { Page } from 'playwright-core'

export interface Step {
  name: string
  /** What has to be so before, at full speed. */
  prepare?: (page: Page) => Promise<unknown>
  act: (page: Page) => Promise<unknown>
  /** The wait after a key or a click; between the pictures of a movement; until other rows are there. */
  measures?: 'wait' | 'pictures' | 'rows'
}

export interface Screen {
  name: string
  as?: 'referrer' | 'admin'
  path: string
  /** They follow each other on one page; each leaves it so that the next can be done, and the first again. */
  steps: Step[]
}

type Name = string | RegExp

const press = (name: Name) => (page: Page) =>
  page.getByRole('button', { name, exact: true }).first().click()
const key = (name: string) => (page: Page) => page.keyboard.press(name)
const choose = (name: string) => (page: Page) =>
  page.getByText(name, { exact: true }).first().click()
const focus = (name: string) => (page: Page) =>
  page.getByRole('combobox', { name, exact: true }).first().focus()
const type = (label: Name, text: string) => async (page: Page) => {
  await page.getByLabel(label, { exact: true }).first().focus()
  await page.keyboard.type(text, { delay: 80 })
}
const dialog = (page: Page) => page.getByRole('dialog').first().waitFor()
const scroll = async (page: Page) => {
  await page.mouse.move(700, 500)
  for (let step = 0; step < 30; step++) {
    await page.mouse.wheel(0, step < 15 ? 120 : -120)
    await page.waitForTimeout(30)
  }
}
const hover = async (page: Page) => {
  await page.locator('svg[role=img]').scrollIntoViewIfNeeded()
  const box = (await page.locator('svg[role=img]').boundingBox())!
  for (let step = 0; step <= 20; step++) {
    await page.mouse.move(box.x + (box.width * step) / 20, box.y + box.height / 2)
    await page.waitForTimeout(20)
  }
}
const drag = async (page: Page) => {
  const box = (await page.getByRole('application').boundingBox())!
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2]
  await page.mouse.move(x, y)
  await page.mouse.down()
  for (let step = 0; step <= 30; step++) {
    await page.mouse.move(x + 5 * step, y + 3 * step)
    await page.waitForTimeout(16)
  }
  await page.mouse.up()
}
const zoomByWheel = async (page: Page) => {
  const box = (await page.getByRole('application').boundingBox())!
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2)
  for (let step = 0; step < 20; step++) {
    await page.mouse.wheel(0, step < 10 ? -100 : 100)
    await page.waitForTimeout(30)
  }
}

const PALETTE: Step[] = [
  { name: 'Ctrl-K', act: key('Control+k') },
  { name: 'type there', prepare: dialog, act: type('Where to?', 'ann') },
  { name: 'close it', act: key('Escape') },
]
const LIST: Step[] = [
  { name: 'scroll (between pictures, p95)', act: scroll, measures: 'pictures' },
  { name: 'next page (until its rows are there)', act: press('Next'), measures: 'rows' },
  { name: 'next page', act: press('Next') },
  { name: 'page before', act: press('Back') },
]

export const SCREENS: Screen[] = [
  {
    name: 'join',
    path: '/join/{code}',
    steps: [
      { name: 'type an address', act: type('E-mail address', 'ann@example.com') },
      { name: 'type a password', act: type(/^Password/, 'seven quiet') },
      { name: 'show the password', act: press('Show the password') },
      { name: 'change the code', act: type('Referral code', 'ABCD') },
    ],
  },
  {
    name: 'home',
    as: 'referrer',
    path: '/',
    steps: [
      { name: 'copy the link', act: press('Copy the link') },
      { name: 'open the dialog to extend', act: press('Extend') },
      { name: 'choose 90 days', prepare: dialog, act: choose('90 days') },
      { name: 'close the dialog', act: key('Escape') },
      { name: 'help (?)', act: key('?') },
      { name: 'close the help', prepare: dialog, act: key('Escape') },
      ...PALETTE,
      { name: 'deactivate', act: press('Deactivate') },
      { name: 'create a new code', act: press('Create a new code') },
      { name: 'type its text', act: type('Your own text', 'SPRING-26') },
      { name: 'choose a date', act: choose('Date') },
      {
        name: 'create it',
        prepare: async (page) => {
          await page.getByLabel('Your own text').fill('')
          await choose('30 days')(page)
        },
        act: press('Create code'),
      },
      {
        name: 'go to the referrals',
        act: (page) => page.getByRole('link', { name: 'Referrals' }).first().click(),
      },
    ],
  },
  {
    name: 'referrals',
    as: 'referrer',
    path: '/referrals',
    steps: [
      { name: 'open a referral', act: (page) => page.locator('tbody button').first().click() },
      { name: 'close it', prepare: dialog, act: key('Escape') },
      { name: 'type into the search', act: type('Search by name or address', 'an') },
      { name: 'clear the search', act: press('Clear the search') },
      { name: 'choose a status', act: press(/^Confirmed/) },
      { name: 'choose all', act: press(/^All/) },
      { name: 'next page', act: press('Next') },
      { name: 'page before', act: press('Back') },
    ],
  },
  {
    name: 'account',
    as: 'referrer',
    path: '/account',
    steps: [
      { name: 'dark', prepare: focus('Theme'), act: key('End') },
      { name: 'light', prepare: focus('Theme'), act: key('ArrowUp') },
      { name: 'type a name', act: type('Name', 'Ann') },
      { name: 'type a new password', act: type('New password', 'seven quiet') },
      { name: 'open the dialog to delete', act: press('Delete my account') },
      { name: 'type into it', prepare: dialog, act: type(/^Type /, 'ann@') },
      { name: 'close it', act: key('Escape') },
      { name: 'switch the language', prepare: focus('Language'), act: key('ArrowDown') },
      { name: 'and back', prepare: focus('Язык'), act: key('ArrowUp') },
    ],
  },
  {
    name: 'overview',
    as: 'admin',
    path: '/admin',
    steps: [
      { name: 'point along the chart', act: hover },
      { name: 'the same (between pictures, p95)', act: hover, measures: 'pictures' },
      { name: '90 days', act: choose('90 days') },
      { name: '12 months', act: choose('12 months') },
      { name: 'figures as a table', act: choose('Figures as a table') },
      { name: '7 days', act: choose('7 days') },
    ],
  },
  {
    name: 'users',
    as: 'admin',
    path: '/admin/users',
    steps: [
      ...LIST,
      { name: 'type into the search', act: type(/^Search by/, 'ann') },
      { name: 'clear the search', act: press('Clear the search') },
      { name: 'choose a role', prepare: focus('Role'), act: key('ArrowDown') },
      { name: 'and back', prepare: focus('Role'), act: key('ArrowUp') },
      { name: 'open the menu to save', act: press('Save') },
      { name: 'close it', act: key('Escape') },
      { name: 'open the dialog to invite', act: press('Invite') },
      { name: 'close it ', prepare: dialog, act: key('Escape') },
      ...PALETTE,
      { name: 'open a user', act: (page) => page.locator('tbody a').first().click() },
      { name: 'open the menu of a user', act: press('More') },
      { name: 'block', prepare: key('Escape'), act: press('Block') },
      { name: 'type a reason', prepare: dialog, act: type(/^Reason/, 'Spam') },
      { name: 'close the dialog', act: key('Escape') },
    ],
  },
  {
    name: 'codes',
    as: 'admin',
    path: '/admin/codes',
    steps: [
      ...LIST,
      { name: 'choose a state', act: press('Active') },
      { name: 'open the dialog to extend', act: press('Extend') },
      { name: 'close it', prepare: dialog, act: key('Escape') },
    ],
  },
  {
    name: 'table',
    as: 'admin',
    path: '/admin/referrals',
    steps: [
      ...LIST,
      { name: 'choose a status', act: press('Pending') },
      { name: 'open the dialog to refuse', act: press('Refuse') },
      { name: 'close it', prepare: dialog, act: key('Escape') },
      { name: 'table to tree', act: choose('Tree') },
    ],
  },
  {
    name: 'tree',
    as: 'admin',
    path: '/admin/referrals?view=tree',
    steps: [
      { name: 'open a person', act: (page) => page.getByRole('treeitem').first().click() },
      { name: 'open a level', act: press('Open a level') },
      { name: 'and another', act: press('Open a level') },
      {
        name: 'arrow down',
        prepare: (page) => page.getByRole('tree').focus(),
        act: key('ArrowDown'),
      },
      { name: 'to the end', act: key('End') },
      { name: 'to the start', act: key('Home') },
      { name: 'scroll (between pictures, p95)', act: scroll, measures: 'pictures' },
      { name: 'tree to picture', act: choose('Picture') },
      { name: 'zoom in', act: press('Zoom in') },
      { name: 'by the wheel (between pictures, p95)', act: zoomByWheel, measures: 'pictures' },
      { name: 'drag', act: drag },
      { name: 'the same (between pictures, p95)', act: drag, measures: 'pictures' },
      { name: 'see all', act: press('See all') },
      { name: 'picture to tree', act: choose('Tree') },
      { name: 'close all', act: press('Close all') },
    ],
  },
  {
    name: 'audit',
    as: 'admin',
    path: '/admin/audit',
    steps: [
      { name: 'choose an action', prepare: focus('What was done'), act: key('ArrowDown') },
      { name: 'and back', prepare: focus('What was done'), act: key('ArrowUp') },
    ],
  },
  {
    name: 'system',
    as: 'admin',
    path: '/admin/system',
    steps: [
      { name: 'check the data', act: press('Check the data too') },
      { name: 'send a test mail', act: press('Send me a test mail') },
    ],
  },
]
