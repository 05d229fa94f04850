// What a newcomer sees within a minute of `npm start`: a page, a described API, and functions that have a state.
// Usage: node test/smoke.mjs http://127.0.0.1:8080
const base = process.argv[2] ?? 'http://127.0.0.1:8080'
const DEADLINE_MS = 90_000

async function get(path, headers = {}) {
  const response = await fetch(base + path, { headers })
  return {
    status: response.status,
    type: response.headers.get('content-type') ?? '',
    text: await response.text(),
  }
}

async function until(what, attempt) {
  const end = Date.now() + DEADLINE_MS
  let last
  while (Date.now() < end) {
    try {
      const value = await attempt()
      if (value) return value
    } catch (error) {
      last = error
    }
    await new Promise((resolve) => setTimeout(resolve, 250))
  }
  throw new Error(`${what}: not within ${DEADLINE_MS / 1000} s`, { cause: last })
}

function expect(what, holds) {
  if (!holds) throw new Error(what)
  console.log(`ok - ${what}`)
}

const started = Date.now()
await until('the API answers', async () => (await get('/readyz')).status === 200)
const functions = await until('every function has a state', async () => {
  const page = JSON.parse((await get('/v1/functions')).text)
  return page.items.length > 0 && page.items.every((item) => item.status !== 'unknown') ? page.items : null
})
console.log(`# first functions with a state after ${((Date.now() - started) / 1000).toFixed(1)} s`)
expect(
  `functions are listed: ${functions.map((item) => `${item.name} ${item.status}`).join(', ')}`,
  functions.length >= 4,
)
const failing = await until('a failing function', async () => {
  const page = JSON.parse((await get('/v1/functions?status=failing')).text)
  return page.items[0]
})
const health = await get(`/v1/functions/${failing.name}/health`)
expect(`the health of ${failing.name} is 503 and says why`, health.status === 503 && health.text.length > 20)
const healthy = await until(
  'a healthy function',
  async () => JSON.parse((await get('/v1/functions?status=healthy')).text).items[0],
)
expect(
  `the health of ${healthy.name} is 200`,
  (await get(`/v1/functions/${healthy.name}/health`)).status === 200,
)
const page = await get('/', { accept: 'text/html' })
expect('the page is served', page.status === 200 && page.text.includes('/main.js'))
expect('its script is served', (await get('/main.js')).type.includes('javascript'))
expect('OpenAPI 3.1 is served', JSON.parse((await get('/openapi.json')).text).openapi.startsWith('3.1'))
expect('the reference is served', (await get('/docs/')).status === 200)
expect('metrics are served', (await get('/metrics')).text.includes('sonde_'))
