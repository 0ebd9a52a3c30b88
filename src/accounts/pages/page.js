const main = document.querySelector('main')
const heading = main.querySelector('h1')
const result = main.querySelector('[role=status]')
const intro = main.querySelector('.intro')
const form = main.querySelector('form')
const other = document.querySelector('.other')
const { needsToken, incompleteTitle, incomplete, unreachable, doneTitle, done } = main.dataset
const { lang } = document.documentElement

const token = new URLSearchParams(location.hash.slice(1)).get('token')
// Neither the history nor whoever looks at the screen keeps the token; another language needs it again.
history.replaceState(null, '', location.pathname + location.search)
if (token) other.hash = new URLSearchParams({ token }).toString()
// A link pasted over the address of this very page changes nothing but the fragment.
addEventListener('hashchange', () => location.reload())

const cut = { title: incompleteTitle, detail: incomplete }
const field = form.querySelector('[name]')
const again = main.querySelector('.again')
let busy = false

main.querySelector('#shown')?.addEventListener('change', ({ target }) => {
  field.type = target.checked ? 'text' : 'password'
})
field?.addEventListener('input', () => field.removeAttribute('aria-invalid'))
form.addEventListener('submit', (event) => {
  event.preventDefault()
  if (!busy) void submit()
})

if (needsToken && !token) close(cut)
else form.hidden = false

async function submit() {
  busy = true
  form.ariaBusy = 'true'
  result.textContent = ''
  const problem = await send()
  form.ariaBusy = 'false'
  busy = false
  if (problem) refuse(problem)
  else end({ title: doneTitle, detail: done })
}

async function send() {
  const body = { ...(needsToken && { token }), ...Object.fromEntries(new FormData(form)) }
  const headers = { 'content-type': 'application/json', 'accept-language': lang }
  try {
    const answer = await fetch(form.dataset.to, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    })
    return answer.ok ? undefined : await answer.json()
  } catch {
    return { detail: unreachable }
  }
}

function refuse(problem) {
  const { code, errors = [] } = problem
  if (errors.some(({ pointer }) => pointer === '/token')) return close(cut)
  if (code === 'link_expired') return close(problem)
  const typed = errors.filter(({ pointer }) => pointer === `/${field?.name}`)
  result.textContent = typed.map(({ detail }) => detail).join(' ') || problem.detail
  result.className = 'refused'
  if (typed.length > 0) field.ariaInvalid = 'true'
  const next = typed.length > 0 ? field : result
  next.focus()
}

// The link has had its day: what is left is to read, or to ask for another one.
function close(problem) {
  if (again) again.hidden = false
  end(problem)
}

function end({ title, detail }) {
  // In another language the page would begin anew.
  other.style.visibility = 'hidden'
  form.remove()
  intro.remove()
  document.title = `${title} · Invitree`
  heading.textContent = title
  result.textContent = detail
  result.className = ''
  heading.focus()
}
